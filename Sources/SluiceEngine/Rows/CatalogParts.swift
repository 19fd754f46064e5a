/// Uncommitted parts of uploads, and what objects of extents reference.
protocol CatalogParts: AnyObject, Sendable {
    /// The uncommitted parts of a name, in the order in which they were put.
    func parts(scope: Int, tag: [UInt8]) throws(StoreError) -> [PartRow]

    /// Adds a part, in the place of one that has its id.
    func put(_ part: PutPartOperation) throws(StoreError) -> CatalogAnswer<Void>
    /// Removes the uncommitted parts of a name; how many there were.
    func removeParts(_ removal: RemovePartsOperation) throws(StoreError) -> CatalogAnswer<Int>
    /// Whether there are parts that were put before this time.
    func hasParts(putBefore milliseconds: Int) throws(StoreError) -> Bool
    /// Removes parts that were put before this time, in milliseconds since 1970, at most `limit`; how many.
    func removeParts(putBefore milliseconds: Int, limit: Int) throws(StoreError) -> Int

    /// Whether there may be tables of extents whose blobs no row names: the catalog was rebuilt from a damaged one.
    func areExtentsUncounted() throws(StoreError) -> Bool
    /// Notes that every table of extents was opened, and what it names is counted.
    func noteExtentsCounted() throws(StoreError)
    /// The row ids of scopes under whose keys there are tables of extents; 0 for one that isn't there.
    func scopesWithExtents() throws(StoreError) -> [Int]
    /// The blobs that the object of extents in a row references.
    func extents(ofObject rowID: Int) throws(StoreError) -> [ExtentBasis.Reference]
    /// The blobs that the object of extents of a pin references.
    func extents(ofPin rowID: Int) throws(StoreError) -> [ExtentBasis.Reference]
    /// Makes these the blobs that the table of extents with this blob references; whether they were others.
    func mendExtents(
        ofManifest objectID: [UInt8], to references: Set<ExtentBasis.Reference>
    ) throws(StoreError) -> Bool
}

/// A part that is to be added.
struct PutPartOperation: Sendable {
    let part: PartRow
    let scope: ScopeUse
    /// The encryption scope, if that is another.
    var encryption: ScopeUse?
}

/// Parts that are to be removed.
struct RemovePartsOperation: Sendable {
    let tag: [UInt8]
    let scope: ScopeUse
}
