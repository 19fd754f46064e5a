internal import SluiceAccess

/// Wrapped keys of a catalog, and what is counted of them.
protocol CatalogKeys: AnyObject, Sendable {
    /// The key version in this row of `keys`.
    func key(rowID: Int) throws(StoreError) -> KeyIdentifier
    /// The wrapping of an object's data key as it is now; nil if the object isn't in that row.
    func wrappedKey(
        ofObject objectID: [UInt8], rowID: Int
    ) throws(StoreError) -> ObjectKeyRow?
    /// A page of a scope's keys that are wrapped in one way under one version.
    func wrappedKeys(
        scope: Int, in group: KeyGroup, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [WrappedKeyRow]

    /// Objects and bytes of a scope by key version, as counted at each commit.
    func census(scope: Int) throws(StoreError) -> [CensusEntry]
    /// The objects and the bytes of a scope, as far as they are counted.
    func total(scope: Int) throws(StoreError) -> ObjectCount
    /// How the wrapped keys of a scope say they are wrapped, in order of versions, and how many objects need them: by the census,
    /// where it counts any and all under the version are wrapped in one way.
    func keysInUse(
        ofScope scope: Int
    ) throws(StoreError) -> [(group: KeyGroup, objectCount: Int)]
    /// What needs a key version, by the rows that are wrapped under it, whatever their counts say.
    func need(of identifier: String) throws(StoreError) -> KeyNeed

    /// Puts each key's new wrapping in the place of the one that it had, if that is there still and the scope's
    /// key version the one it is wrapped under; for each, whether it was. Never inserts: what was removed meanwhile
    /// stays away. The COMMIT needs the older version, too.
    func rewrap(_ rewrap: RewrapOperation) throws(StoreError) -> CatalogAnswer<[Bool]>
}

/// An object's wrapped key.
struct ObjectKeyRow: Sendable {
    let keyRowID: Int
    let scheme: UInt8
    let bytes: [UInt8]
}

/// Keys that are to have another wrapping.
struct RewrapOperation: Sendable {
    let keys: [RewrappedKey]
    let scope: ScopeUse
}

/// A key that was wrapped anew.
struct RewrappedKey: Sendable {
    let row: WrappedKeyRow
    let wrapped: WrappedKey
    /// As whom the older version was asked for.
    let identity: Identity
}
