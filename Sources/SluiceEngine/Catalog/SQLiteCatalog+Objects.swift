internal import SluiceNative
internal import Synchronization

/// Objects and directories.
extension SQLiteCatalog {
    // MARK: Looking up

    func isThere(_ row: borrowing ObjectRow, scope: Int) throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.isThere(row, scope: scope) }
    }

    func content(
        ifThere row: borrowing ObjectRow, scope: Int
    ) throws(StoreError) -> BlobContent? {
        try read { reader throws(StoreError) in try reader.content(ifThere: row, scope: scope) }
    }

    func object(scope: Int, tag: [UInt8]) throws(StoreError) -> ObjectRow? {
        try read { reader throws(StoreError) in try reader.object(scope: scope, tag: tag) }
    }

    func objectWithContent(scope: Int, tag: [UInt8]) throws(StoreError) -> FoundObject? {
        try read { reader throws(StoreError) in
            try reader.objectWithContent(scope: scope, tag: tag)
        }
    }

    func objectWithContent(rowID: Int) throws(StoreError) -> FoundObject? {
        try read { reader throws(StoreError) in try reader.objectWithContent(rowID: rowID) }
    }

    func object(scope: Int, rowID: Int) throws(StoreError) -> ObjectRow? {
        try read { reader throws(StoreError) in try reader.object(scope: scope, rowID: rowID) }
    }

    func objects(scope: Int, rowIDs: [Int]) throws(StoreError) -> [ObjectRow?] {
        try read { reader throws(StoreError) in try reader.objects(scope: scope, rowIDs: rowIDs) }
    }

    func directory(scope: Int, tag: [UInt8]) throws(StoreError) -> DirectoryRow? {
        try read { reader throws(StoreError) in try reader.directory(scope: scope, tag: tag) }
    }

    func directory(scope: Int, rowID: Int) throws(StoreError) -> DirectoryRow? {
        try read { reader throws(StoreError) in try reader.directory(scope: scope, rowID: rowID) }
    }

    // MARK: Pages

    func objects(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectRow] {
        try read { reader throws(StoreError) in
            try reader.objects(
                scope: scope, directory: directory, afterRow: rowID, limit: limit)
        }
    }

    func objectsWithContent(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [FoundObject] {
        try read { reader throws(StoreError) in
            try reader.objectsWithContent(
                scope: scope, directory: directory, afterRow: rowID, limit: limit)
        }
    }

    func directories(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [DirectoryRow] {
        try read { reader throws(StoreError) in
            try reader.directories(scope: scope, parent: parent, afterRow: rowID, limit: limit)
        }
    }

    func objectIDs(
        scope: Int, after objectID: [UInt8]?, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry]? {
        try read { reader throws(StoreError) -> [ObjectIDEntry]? in
            var rowID = Int.min
            if let objectID {
                guard let row = try reader.rowID(ofObject: objectID, scope: scope) else {
                    return nil
                }
                rowID = row
            }
            return try reader.objectIDs(scope: scope, afterRow: rowID, limit: limit)
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
        try commit(count: removals.count, freesSpace: true) { writer, index throws(StoreError) in
            try writer.remove(removals[index])
        }
    }

    func remove(objectID: [UInt8], scope: Int) throws(StoreError) -> [UInt8]? {
        try write(freesSpace: true) { writer throws(StoreError) -> [UInt8]? in
            guard
                let rowID = try writer.reader.rowID(ofObject: objectID, scope: scope),
                let found = try writer.reader.objectWithContent(rowID: rowID)
            else { return nil }
            try writer.remove(found.row, scope: scope)
            return found.row.tag
        }
    }

    func rename(_ rename: RenameOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.rename(rename) }[0]
    }

    // MARK: Blobs

    func garbage() throws(StoreError) -> [GarbageBlob] {
        try read { reader throws(StoreError) in try reader.garbage() }
    }

    func forgetGarbage(rowIDs: [Int]) throws(StoreError) {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.forgetGarbage(rowIDs: rowIDs)
        }
    }

    func unnamedBlobs(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]] {
        try read { reader throws(StoreError) in try reader.unnamedBlobs(among: objectIDs) }
    }

    /// What is committed here is written over the frames of a COMMIT whose sync failed, which would return when the
    /// log is recovered.
    func unnamedBlobsForGood(among objectIDs: [[UInt8]]) throws(StoreError) -> [[UInt8]] {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.writeSomething()
            return try writer.reader.unnamedBlobs(among: objectIDs)
        }
    }
}

extension CatalogReader {
    /// Blobs that nothing references: the count says so, which nothing authenticates, and the rows do.
    fileprivate func garbage() throws(StoreError) -> [GarbageBlob] {
        var blobs: [GarbageBlob] = []
        try forEachRow(
            """
            SELECT id, file FROM blobs b WHERE refs = 0 \
            AND NOT EXISTS (SELECT 1 FROM objects WHERE blob = b.id) \
            AND NOT EXISTS (SELECT 1 FROM pins WHERE blob = b.id)
            """
        ) { row throws(StoreError) in
            blobs.append(GarbageBlob(rowID: Int(row.int(0)), objectID: row.bytes(1)))
        }
        return blobs
    }

    /// Those of the blobs that no row names.
    fileprivate func unnamedBlobs(
        among objectIDs: [[UInt8]]
    ) throws(StoreError) -> [[UInt8]] {
        var unnamed: [[UInt8]] = []
        for objectID in objectIDs where try blobRowID(ofFile: objectID) == nil {
            unnamed.append(objectID)
        }
        return unnamed
    }
}
