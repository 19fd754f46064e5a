/// A scope-key commitment that was registered in a vault.
struct AnchorRow: Sendable {
    let store: [UInt8]
    let scope: [UInt8]
    let commitment: [UInt8]
    let authentication: [UInt8]
}
