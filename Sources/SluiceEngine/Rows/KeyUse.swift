internal import SluiceAccess

/// A key version, what it is needed for, and by whom.
struct KeyUse: Hashable, Sendable {
    let key: KeyIdentifier
    let operation: KeyOperation
    let identity: Identity
}
