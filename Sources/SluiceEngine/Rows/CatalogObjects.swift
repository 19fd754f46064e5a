internal import SluiceAccess

/// Objects and directories of a catalog.
protocol CatalogObjects: AnyObject, Sendable {
    // MARK: Looking up

    /// Whether this row is there still, the same to the byte: for one that was authenticated, so that nothing is
    /// copied and nothing needs to be authenticated again.
    func isThere(_ row: borrowing ObjectRow, scope: Int) throws(StoreError) -> Bool
    /// Where the bytes of this row's object are; nil unless it is there likewise.
    func content(
        ifThere row: borrowing ObjectRow, scope: Int
    ) throws(StoreError) -> BlobContent?
    /// The object with this tag.
    func object(scope: Int, tag: [UInt8]) throws(StoreError) -> ObjectRow?
    /// The object with this tag, and where its bytes are.
    func objectWithContent(scope: Int, tag: [UInt8]) throws(StoreError) -> FoundObject?
    /// The object in this row, and where its bytes are.
    func objectWithContent(rowID: Int) throws(StoreError) -> FoundObject?
    /// The object in this row, whichever it is by now.
    func object(scope: Int, rowID: Int) throws(StoreError) -> ObjectRow?
    /// The objects in these rows, likewise, as they are at one instant.
    func objects(scope: Int, rowIDs: [Int]) throws(StoreError) -> [ObjectRow?]
    /// The directory with this tag.
    func directory(scope: Int, tag: [UInt8]) throws(StoreError) -> DirectoryRow?
    /// The directory in this row, whichever it is by now.
    func directory(scope: Int, rowID: Int) throws(StoreError) -> DirectoryRow?

    // MARK: Pages

    /// The next objects of a directory, in the order of their rows; fewer than `limit` are the last.
    func objects(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectRow]
    /// The next objects of a directory, likewise, and where their bytes are.
    func objectsWithContent(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [FoundObject]
    /// The next directories directly below a directory, in the order of their rows; fewer than `limit` are the
    /// last.
    func directories(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [DirectoryRow]
    /// The numbers of the rows of objects directly in a directory, a page of them in their order.
    func objectRowIDs(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int]
    /// The numbers of the rows of directories directly below a directory, likewise.
    func directoryRowIDs(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int]
    /// A page of objects in the order of their rows, as far as it can be told without keys.
    func objectIDs(
        scope: Int, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry]

    // MARK: Changing

    /// Inserts objects, or replaces those with their names, in one transaction; an answer for each.
    ///
    /// One whose condition isn't met is refused (``Condition``). One whose scope has another key version than its
    /// data key is wrapped under is stale, and one whose basis isn't so.
    func put(_ puts: [PutOperation]) throws(StoreError) -> [CatalogAnswer<PutOutcome>]
    /// Puts what `prepare` makes, which may run in another caller's thread.
    func put(
        preparing prepare: @escaping @Sendable () throws(StoreError) -> PutOperation
    ) throws(StoreError) -> CatalogAnswer<PutOutcome>
    /// Removes objects in one transaction; an answer for each. Refused as a put is.
    func remove(
        _ removals: [RemoveOperation]
    ) throws(StoreError) -> [CatalogAnswer<RemoveOutcome>]
    /// Removes whatever has this object id, which takes no key: an object, and its versions that have the same bytes.
    /// Their tags.
    func remove(objectID: [UInt8], scope: Int) throws(StoreError) -> [[UInt8]]
    /// Gives an object another name; stale if its row isn't the one that was looked at.
    func rename(_ rename: RenameOperation) throws(StoreError) -> CatalogAnswer<Void>
    /// What holds the object with this tag.
    func state(scope: Int, tag: [UInt8]) throws(StoreError) -> StateRow?
    /// Sets what holds an object; stale if another state holds it than was looked at.
    func setState(_ operation: StateOperation) throws(StoreError) -> CatalogAnswer<Void>
    /// Adds a version of an object; stale if its row isn't the one that was looked at.
    func snapshot(_ snapshot: SnapshotOperation) throws(StoreError) -> CatalogAnswer<Void>
    /// When the catalog says that an object goes for good, in milliseconds since 1970; nil if it doesn't.
    func dueMilliseconds(ofObject rowID: Int) throws(StoreError) -> Int?
    /// Makes what the catalog says of that what the object's document says, if the row is the one that was looked at.
    func setDue(
        _ milliseconds: Int?, ofObject rowID: Int, revision: [UInt8]
    ) throws(StoreError)
    /// The moment by which a clock is believed that something is due; nil if none was noted.
    func notedMoment() throws(StoreError) -> BootMoment?
    /// Notes a moment in its place.
    func note(_ moment: BootMoment) throws(StoreError)
    /// The next objects that are due before this time, in milliseconds since 1970, in the order of their times and rows.
    func due(
        before milliseconds: Int, after last: DueObject?, limit: Int
    ) throws(StoreError) -> [DueObject]
    /// Changes what an object is said to be; stale if its row isn't the one that was looked at.
    func update(_ update: UpdateOperation) throws(StoreError) -> CatalogAnswer<Void>

    // MARK: Blobs

    /// Blobs that nothing references, at most `limit`. None while extents may not be counted.
    func garbage(limit: Int) throws(StoreError) -> [GarbageBlob]
    /// Forgets blobs that were unlinked.
    func forgetGarbage(rowIDs: [Int]) throws(StoreError)
    /// Those of the blobs that no row names.
    func unnamedBlobs(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]]
    /// Those of the blobs that no row names, nor ever will: a COMMIT whose outcome nobody knows may have left a
    /// row that comes back. None while extents may not be counted.
    func unnamedBlobsForGood(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]]
}

/// A blob that nothing references.
struct GarbageBlob: Sendable {
    let rowID: Int
    let objectID: [UInt8]
}

/// What is to be put, and what is taken to be so.
struct PutOperation: Sendable {
    var object: NewObject
    var condition: Condition
    var basis: ObjectBasis?
    /// The scope that it is put to: what its name is sealed for.
    var scope: ScopeUse
    /// Its encryption scope, if that is another. The key version of the one or the other is what its data key is wrapped
    /// under.
    var encryption: ScopeUse?
    var directories: DirectoryBasis
    /// What the COMMIT needs besides.
    var needs: Set<KeyUse>
    /// Of an object of extents.
    var extents: ExtentBasis?
    /// What becomes of the object that it takes the place of, where the scope keeps such.
    var keeping: Keeping?
    var state = StateBasis.none
}

extension PutOperation {
    /// The use of the scope that its data key is wrapped for.
    var sealing: ScopeUse { encryption ?? scope }
}

/// What committing a put came to.
struct PutOutcome: Sendable {
    /// Whether there was an object of that name.
    var isReplacement: Bool
}

/// What is to be removed.
struct RemoveOperation: Sendable {
    let tag: [UInt8]
    let scope: ScopeUse
    /// For messages; nil where there is no condition.
    var name: ObjectName?
    var condition = Condition.always
    var basis: ObjectBasis?
    /// What becomes of the object, where the scope keeps such.
    var keeping: Keeping?
    /// The row's revision, if no other object is meant; else the removal is stale.
    var revision: [UInt8]?
    var state = StateBasis.none
}

/// The object of a name as it was looked at, for a condition that only its document tells: if it isn't that any more, the
/// operation is stale.
struct ObjectBasis: Equatable, Sendable {
    /// Nil if there was none.
    let entityTag: [UInt8]?
}

/// What a removal came to.
struct RemoveOutcome: Sendable {
    /// Whether there was such an object.
    var isRemoved = false
    /// Whether the directory went that it was the last in.
    var isDirectoryGone = false
}

/// What is to be said of an object.
struct UpdateOperation: Sendable {
    /// As it was looked at.
    let row: ObjectRow
    /// The same, with another entity tag, revision, document and metadata.
    let changed: ObjectRow
    /// For messages: the rows have the name sealed.
    let name: ObjectName
    let condition: Condition
    let scope: ScopeUse
    /// The object's encryption scope, if that is another and metadata are sealed anew.
    var encryption: ScopeUse?
    /// What stays of the object as it was, where the scope keeps versions.
    var kept: KeptVersion?
    /// When it goes for good, in milliseconds since 1970.
    var dueMilliseconds: Int?
    var state = StateBasis.none
}

/// What is to have another name.
struct RenameOperation: Sendable {
    /// As it was looked at.
    let row: ObjectRow
    /// The same, with the tag, the directory, the revision and the document of the new name.
    let renamed: ObjectRow
    /// For messages: the rows have the names sealed.
    let name: ObjectName
    let newName: ObjectName
    let condition: Condition
    /// Of the new name.
    let basis: ObjectBasis?
    let scope: ScopeUse
    let directories: DirectoryBasis
    /// What becomes of the object that has the name, where the scope keeps such.
    var keeping: Keeping?
    var state = StateBasis.none
    /// Of the object that has the name.
    var targetState = StateBasis.none
}

/// An object that is said to be due, which nothing authenticates.
struct DueObject: Sendable {
    let rowID: Int
    let scope: Int
    let dueMilliseconds: Int
}
