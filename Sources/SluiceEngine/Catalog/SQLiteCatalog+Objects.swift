internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// Objects and directories; uncommitted parts, and what objects of extents reference.
extension SQLiteCatalog {
    // MARK: Looking up

    func isThere(_ row: borrowing ObjectRow, scope: Int) throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.objects.isThere(row, scope: scope) }
    }

    func content(
        ifThere row: borrowing ObjectRow, scope: Int
    ) throws(StoreError) -> BlobContent? {
        try read { reader throws(StoreError) in
            try reader.objects.content(ifThere: row, scope: scope)
        }
    }

    func object(scope: Int, tag: [UInt8]) throws(StoreError) -> ObjectRow? {
        try read { reader throws(StoreError) in try reader.objects.object(scope: scope, tag: tag) }
    }

    func objectWithContent(scope: Int, tag: [UInt8]) throws(StoreError) -> FoundObject? {
        try read { reader throws(StoreError) in
            try reader.objects.objectWithContent(scope: scope, tag: tag)
        }
    }

    func objectWithContent(rowID: Int) throws(StoreError) -> FoundObject? {
        try read { reader throws(StoreError) in try reader.objects.objectWithContent(rowID: rowID) }
    }

    func object(scope: Int, rowID: Int) throws(StoreError) -> ObjectRow? {
        try read { reader throws(StoreError) in
            try reader.objects.object(scope: scope, rowID: rowID)
        }
    }

    func objects(scope: Int, rowIDs: [Int]) throws(StoreError) -> [ObjectRow?] {
        try read { reader throws(StoreError) in
            try reader.objects.objects(scope: scope, rowIDs: rowIDs)
        }
    }

    func directory(scope: Int, tag: [UInt8]) throws(StoreError) -> DirectoryRow? {
        try read { reader throws(StoreError) in
            try reader.directories.directory(scope: scope, tag: tag)
        }
    }

    func directory(scope: Int, rowID: Int) throws(StoreError) -> DirectoryRow? {
        try read { reader throws(StoreError) in
            try reader.directories.directory(scope: scope, rowID: rowID)
        }
    }

    // MARK: Pages

    func objects(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectRow] {
        try read { reader throws(StoreError) in
            try reader.objects.objects(
                scope: scope, directory: directory, afterRow: rowID, limit: limit)
        }
    }

    func objectsWithContent(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [FoundObject] {
        try read { reader throws(StoreError) in
            try reader.objects.objectsWithContent(
                scope: scope, directory: directory, afterRow: rowID, limit: limit)
        }
    }

    func directories(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [DirectoryRow] {
        try read { reader throws(StoreError) in
            try reader.directories.directories(
                scope: scope, parent: parent, afterRow: rowID, limit: limit)
        }
    }

    func objectRowIDs(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in
            try reader.objects.rowIDs(
                scope: scope, directory: directory, afterRow: rowID, limit: limit)
        }
    }

    func directoryRowIDs(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in
            try reader.directories.rowIDs(
                scope: scope, parent: parent, afterRow: rowID, limit: limit)
        }
    }

    func objectIDs(
        scope: Int, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry] {
        try read { reader throws(StoreError) in
            try reader.objects.objectIDs(scope: scope, afterRow: rowID, limit: limit)
        }
    }

    // MARK: Changing

    func put(_ puts: [PutOperation]) throws(StoreError) -> [CatalogAnswer<PutOutcome>] {
        try commit(count: puts.count) { writer, index throws(StoreError) in
            try writer.put(puts[index])
        }
    }

    func put(
        preparing prepare: @escaping @Sendable () throws(StoreError) -> PutOperation
    ) throws(StoreError) -> CatalogAnswer<PutOutcome> {
        let answer = Mutex<CatalogAnswer<PutOutcome>?>(nil)
        let refusals = try commits.commit { () throws(StoreError) in
            let put = try prepare()
            let work: CatalogWork = { writer throws(StoreError) in
                let outcome = try writer.put(put)
                answer.withLock { $0 = outcome }
            }
            return CatalogChange(works: [work])
        }
        if let refusal = refusals[0] { return .refused(refusal) }
        guard let answer = answer.withLock({ $0 }) else {
            preconditionFailure("committed without an answer")
        }
        return answer
    }

    func remove(
        _ removals: [RemoveOperation]
    ) throws(StoreError) -> [CatalogAnswer<RemoveOutcome>] {
        // What is kept frees nothing.
        let freesSpace = removals.allSatisfy { $0.keeping?.version == nil }
        return try commit(count: removals.count, freesSpace: freesSpace) {
            writer, index throws(StoreError) in try writer.remove(removals[index])
        }
    }

    func remove(objectID: [UInt8], scope: Int) throws(StoreError) -> [[UInt8]] {
        try write(freesSpace: true) { writer throws(StoreError) -> [[UInt8]] in
            try writer.remove(objectID: objectID, scope: scope)
        }
    }

    func rename(_ rename: RenameOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.rename(rename) }[0]
    }

    func update(_ update: UpdateOperation) throws(StoreError) -> CatalogAnswer<Void> {
        // What was removed, and is kept, is to be removed on a full disk, too.
        try commit(count: 1, freesSpace: update.dueMilliseconds != nil) {
            writer, _ throws(StoreError) in try writer.update(update)
        }[0]
    }

    func state(scope: Int, tag: [UInt8]) throws(StoreError) -> StateRow? {
        try read { reader throws(StoreError) in
            try reader.states.row(scope: scope, tag: tag, reader.connection)
        }
    }

    func setState(_ operation: StateOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.setState(operation) }[0]
    }

    func snapshot(_ snapshot: SnapshotOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.snapshot(snapshot) }[0]
    }

    func dueMilliseconds(ofObject rowID: Int) throws(StoreError) -> Int? {
        try read { reader throws(StoreError) in
            try reader.objects.dueMilliseconds(rowID: rowID)
        }
    }

    func setDue(
        _ milliseconds: Int?, ofObject rowID: Int, revision: [UInt8]
    ) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.setDue(milliseconds, ofObject: rowID, revision: revision)
        }
    }

    func notedMoment() throws(StoreError) -> BootMoment? {
        try read { reader throws(StoreError) in try reader.objects.notedMoment() }
    }

    func note(_ moment: BootMoment) throws(StoreError) {
        try write { writer throws(StoreError) in try writer.note(moment) }
    }

    func due(
        before milliseconds: Int, after last: DueObject?, limit: Int
    ) throws(StoreError) -> [DueObject] {
        try read { reader throws(StoreError) in
            try reader.objects.due(before: milliseconds, after: last, limit: limit)
        }
    }

    // MARK: Blobs

    func garbage(limit: Int) throws(StoreError) -> [GarbageBlob] {
        try read { reader throws(StoreError) in try reader.blobs.garbage(limit: limit) }
    }

    func forgetGarbage(rowIDs: [Int]) throws(StoreError) {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.forgetGarbage(rowIDs: rowIDs)
        }
    }

    func unnamedBlobs(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]] {
        try read { reader throws(StoreError) in try reader.blobs.unnamed(among: objectIDs) }
    }

    /// What is committed here is written over the frames of a COMMIT whose sync failed, which would return when the
    /// log is recovered.
    func unnamedBlobsForGood(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]] {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.writeSomething()
            guard try !writer.reader.blobs.areExtentsUncounted() else { return [] }
            return try writer.reader.blobs.unnamed(among: objectIDs)
        }
    }

    // MARK: Parts and extents

    func parts(scope: Int, tag: [UInt8]) throws(StoreError) -> [PartRow] {
        try read { reader throws(StoreError) in try reader.parts.parts(scope: scope, tag: tag) }
    }

    func put(_ part: PutPartOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.put(part) }[0]
    }

    func removeParts(_ removal: RemovePartsOperation) throws(StoreError) -> CatalogAnswer<Int> {
        try commit(count: 1, freesSpace: true) { writer, _ throws(StoreError) in
            try writer.removeParts(removal)
        }[0]
    }

    func hasParts(putBefore milliseconds: Int) throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in
            try reader.connection.integer(
                "SELECT EXISTS (SELECT 1 FROM parts WHERE created < \(milliseconds))") != 0
        }
    }

    func removeParts(putBefore milliseconds: Int, limit: Int) throws(StoreError) -> Int {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.removeParts(putBefore: milliseconds, limit: limit)
        }
    }

    func areExtentsUncounted() throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.blobs.areExtentsUncounted() }
    }

    func noteExtentsCounted() throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in try mender.noteExtentsCounted() }
        }
    }

    func scopesWithExtents() throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.parts.scopesWithExtents() }
    }

    func extents(ofObject rowID: Int) throws(StoreError) -> [ExtentBasis.Reference] {
        try read { reader throws(StoreError) in
            try reader.parts.extents(of: .objects, rowID: rowID)
        }
    }

    func extents(ofPin rowID: Int) throws(StoreError) -> [ExtentBasis.Reference] {
        try read { reader throws(StoreError) in try reader.parts.extents(of: .pins, rowID: rowID) }
    }

    func mendExtents(
        ofManifest objectID: [UInt8], to references: Set<ExtentBasis.Reference>
    ) throws(StoreError) -> Bool {
        try write { writer throws(StoreError) in
            try writer.mendExtents(ofManifest: objectID, to: references)
        }
    }
}
