internal import SluiceAccess

/// Scopes of a catalog.
protocol CatalogScopes: AnyObject, Sendable {
    /// Every scope's row, by name.
    func scopes() throws(StoreError) -> [ScopeRecord]
    /// The row of a scope; nil if there is no such scope. However many there are, it takes no longer.
    func scope(named name: ScopeName) throws(StoreError) -> ScopeRecord?
    /// The scope in a row; nil if there is none.
    func scope(rowID: Int) throws(StoreError) -> ScopeRecord?
    /// What a scope's row says, if its key is under another version than that in a row of `keys`, or asked for as another
    /// identity, empty for the store's.
    func standing(
        ofScope rowID: Int, under keyRowID: Int, as identity: String
    ) throws(StoreError) -> ScopeStanding
    /// Whether objects are said to be in a scope that has no row.
    func hasStrayObjects() throws(StoreError) -> Bool
    /// The vaults of the keys that scopes are under now.
    func vaultsInUse() throws(StoreError) -> Set<String>
    /// The vaults of all keys that were ever in use.
    func knownVaults() throws(StoreError) -> Set<String>

    /// Adds a scope; ``StoreError/Code/alreadyExists`` if there is one of that name, and
    /// ``StoreError/Code/damagedCatalog`` if it `isImplied` and objects are there of one that is lost.
    func add(
        _ record: ScopeRecord, isImplied: Bool, needs: Set<KeyUse>
    ) throws(StoreError)
    /// Replaces a scope's row; whether it was still as it was.
    func replace(
        _ old: ScopeRecord, with new: ScopeRecord, needs: Set<KeyUse>
    ) throws(StoreError) -> Bool

    /// Removes a scope's row, if it is still as it was; whether it was. What is in it is gone with that, and
    /// ``removeContents(limit:)`` frees what it takes. Takes no key.
    func remove(_ record: ScopeRecord) throws(StoreError) -> Bool
    /// Scopes that were removed, of which rows are left, or which a vault may know.
    func removedScopes() throws(StoreError) -> [RemovedScope]
    /// Notes that a vault has forgotten a scope that was removed.
    func noteForgotten(inVault vault: String, removedScope rowID: Int) throws(StoreError)
    /// Removes rows of scopes that were removed, about `limit` at most; whether there are more.
    func removeContents(limit: Int) throws(StoreError) -> Bool
}

/// What a scope's row says of the version that its key is under.
enum ScopeStanding: Sendable {
    /// It is the one that was asked about.
    case same
    /// It is another, says this row, which nothing has authenticated; or the scope is gone.
    case other(ScopeRecord?)
}
