internal import SluiceAccess

/// A row of `wrapped_keys`.
struct WrappedKeyRow: Sendable {
    let rowID: Int
    let keyRowID: Int
    let wrapped: WrappedKey
    let objectCount: Int
    let byteCount: Int
}
