internal import SluiceAccess

/// A key version, and its row in the catalog's `keys`.
struct KeyPlace: Sendable, Equatable {
    let key: KeyIdentifier
    let rowID: Int
}
