/// A scope that was removed, of which rows may be left, and which vaults may know still.
struct RemovedScope: Sendable {
    /// What its row's id was.
    let rowID: Int
    let scopeID: [UInt8]
    /// The vaults that may know it.
    let vaults: [String]
    /// Whether none of its rows is left.
    let isEmptied: Bool
}
