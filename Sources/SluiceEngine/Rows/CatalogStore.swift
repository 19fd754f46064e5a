/// The single source of truth of a store: an object exists when its row is committed.
///
/// It is asked for whole operations on plain rows, and knows no key: it seals nothing, and authenticates nothing.
/// What an operation takes to be so comes with it; if it isn't, the operation is stale, and the answer says what
/// is so instead (``CatalogAnswer``). Each look-up is one short read. ``SQLiteCatalog`` is one; all are thread-safe.
///
/// Invariants that whoever implements it keeps:
/// - What is committed is durable when the call returns, unless the store doesn't wait for the disk.
/// - A COMMIT runs inside a permit for everything that its operations need (``CommitPermit``). An operation whose
///   need is refused is left out, and the others are committed.
/// - A commit whose outcome is unknown is never tried again into success.
protocol CatalogStore: CatalogObjects, CatalogKeys, CatalogScopes, CatalogPins, CatalogParts,
    CatalogAudit
{
    var store: StoreRow { get }

    /// Throws ``StoreError/Code/replaced`` if the names of what is open lead to something else by now.
    func checkPlace() throws(StoreError)

    /// Returns once all that was committed before is durable, be it by those who don't wait for the disk.
    func settle() throws(StoreError)

    /// What to do after a commit that left blobs without a reference.
    func setGarbageHandler(_ handler: @escaping @Sendable () -> Void)

    /// Copies the catalog, as it is at one instant, to a new database file.
    func backup(to path: String) throws(StoreError)

    /// Refuses every later write, and lets go of everything.
    func close()
}

/// What became of an operation.
enum CatalogAnswer<Outcome: Sendable>: Sendable {
    case committed(Outcome)
    /// Nothing of it was done: it may not be.
    case refused(StoreError)
    /// Nothing of it was done: what it took to be so isn't. Whoever asked makes it anew.
    case stale(CatalogFinding)
}

/// What is so, where an operation took something else to be.
enum CatalogFinding: Sendable {
    /// What the row of a scope says by now, which nothing has authenticated; nil if it is gone.
    case scope(rowID: Int, ScopeRecord?)
    /// There is no directory with this tag.
    case noDirectory([UInt8])
    /// The object's row is another by now, or gone.
    case otherObject
    /// The parts or the object that extents were taken from are others by now, or gone.
    case otherExtents
    /// Something else holds the object, or nothing.
    case otherState
}
