/// A scope that an operation uses: what it takes to be so of it, and what its COMMIT needs for that.
///
/// Everything that opens or seals names of a scope says so: who holds a scope that was rotated meanwhile then
/// commits under the newer version or not at all.
struct ScopeUse: Sendable {
    /// The scope's row.
    let rowID: Int
    /// The row in `keys` of the version that its key is under, else the operation is stale.
    let keyRowID: Int
    /// The identity that the scope has, empty for the store's, else the operation is stale.
    let identity: String
    /// That version, and what it is needed for.
    let need: KeyUse
    /// What the scope keeps, else the operation is stale; nil where nothing is overwritten or removed.
    let retention: RetentionPolicy?
}

extension ScopeUse {
    /// What the scope keeps, as far as the operation has to do with that.
    var keeps: RetentionPolicy { retention ?? RetentionPolicy() }
}
