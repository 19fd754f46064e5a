internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The one connection of a process that writes the catalog. Its methods run inside the transaction
/// of a batch (``GroupCommit``); each checks its conditions, and what the operation takes to be so, before it
/// writes its first row, so that a refusal, or a stale operation, leaves the transaction as it was.
///
/// Invariant: nothing is sealed, wrapped or authenticated here. Rows come sealed.
struct CatalogWriter: ~Copyable, Sendable {
    let connection: Connection
    var reader: CatalogReader
    /// Whether anything was written since it was last set to false.
    var hasWritten = false
    /// Whether the batch left blobs behind that nothing references.
    var hasLeftGarbage = false
    /// What the batch's COMMIT needs of the vaults.
    private(set) var needs: [Need] = []
    /// The work of the batch that runs now.
    private var work = 0

    private var unsynced: UnsyncedMark
    private var directories = DirectoryTable()
    private var wrappedKeys = WrappedKeyTable()
    private var keyRows: [KeyIdentifier: Int] = [:]
    /// What the batch adds to the census.
    private var census: [CensusKey: ObjectCount] = [:]
    /// The current keys of scopes, as this batch has read them; rows of `scopes` and of `keys`.
    private var scopeKeys: [Int: Int] = [:]
    private var seenDataVersion = -1

    /// What a work needs.
    struct Need {
        let work: Int
        let use: KeyUse
    }

    private struct CensusKey: Hashable {
        var scope: Int
        var key: Int
    }

    private var dataVersion = CatalogStatement("PRAGMA data_version", to: "write the catalog")
    private var insertKey = CatalogStatement(
        "INSERT INTO keys (identifier) VALUES (?1)", to: "record a key version")
    private var findKey = CatalogStatement(
        "SELECT id FROM keys WHERE identifier = ?1", to: "look up a key version")
    private var insertBlob = CatalogStatement(
        "INSERT INTO blobs (refs, file) VALUES (1, ?1)", to: "store the object's bytes")
    private var insertObject = CatalogStatement(
        """
        INSERT INTO objects (scope, tag, directory, object_id, revision, byte_count, \
        stored_byte_count, chunk_exponent, codec, table_digest, commitment, wrapped_key, blob, \
        document, data) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
        ON CONFLICT (scope, tag) DO NOTHING
        """, to: "store the object")
    private var updateObject = CatalogStatement(
        """
        UPDATE objects SET object_id = ?4, revision = ?5, byte_count = ?6, \
        stored_byte_count = ?7, chunk_exponent = ?8, codec = ?9, table_digest = ?10, \
        commitment = ?11, wrapped_key = ?12, blob = ?13, document = ?14, data = ?15, \
        directory = ?3 \
        WHERE scope = ?1 AND tag = ?2
        """, to: "replace the object")
    // The row goes to the end: who walks through a directory's rows meets what has come into it meanwhile.
    private var updateName = CatalogStatement(
        """
        UPDATE objects SET id = (SELECT max(id) + 1 FROM objects), tag = ?2, directory = ?3, \
        revision = ?4, document = ?5 WHERE id = ?1
        """, to: "rename the object")
    private var deleteObject = CatalogStatement(
        "DELETE FROM objects WHERE id = ?1", to: "remove the object")
    private var releaseBlob = CatalogStatement(
        "UPDATE blobs SET refs = refs - 1 WHERE id = ?1", to: "remove the object's bytes")
    private var deleteGarbage = CatalogStatement(
        "DELETE FROM blobs WHERE id = ?1 AND refs <= 0", to: "forget a removed blob")
    private var addToCensus = CatalogStatement(
        """
        INSERT INTO census (scope, key, objects, bytes) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO UPDATE SET objects = objects + excluded.objects, \
        bytes = bytes + excluded.bytes
        """, to: "keep the census")

    init(
        connection: Connection, unsynced: UnsyncedMark, keyNames: KeyNames
    ) {
        self.connection = connection
        self.unsynced = unsynced
        reader = CatalogReader(connection: connection, keyNames: keyNames)
    }

    // MARK: Batches

    /// Begins a batch's work, inside its transaction.
    mutating func beginBatch() throws(StoreError) {
        hasWritten = false
        hasLeftGarbage = false
        census.removeAll(keepingCapacity: true)
        wrappedKeys.beginBatch()
        scopeKeys.removeAll(keepingCapacity: true)
        needs.removeAll(keepingCapacity: true)
        let query = try dataVersion.query(connection)
        defer { query.reset() }
        let version = try query.step() ? Int(query.statement.int(0)) : -1
        if version != seenDataVersion {
            directories.forget()
            unsynced.forget()
            seenDataVersion = version
        }
        try unsynced.beginBatch(connection)
    }

    /// Begins a work of the batch.
    mutating func beginWork(_ work: Int) {
        self.work = work
        hasWritten = false
    }

    /// Ends a batch's work, before its COMMIT: writes what was counted.
    mutating func endBatch() throws(StoreError) {
        try wrappedKeys.endBatch(connection)
        for (place, change) in census where change != ObjectCount() {
            let query = try addToCensus.query(connection)
            try query.bind(1, place.scope)
            try query.bind(2, place.key)
            try query.bind(3, change.objectCount)
            try query.bind(4, change.byteCount)
            try query.runChangingOneRow()
        }
        try unsynced.endBatch(connection)
    }

    /// Makes durable what was committed so far, be it by others, who don't wait for the disk.
    mutating func settle() throws(StoreError) {
        try unsynced.settle(connection)
    }

    /// Whether a commit is durable when it has returned.
    var waitsForDisk: Bool { unsynced.isDurable }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        unsynced.forget()
        scopeKeys.removeAll()
        keyRows.removeAll()
        census.removeAll()
        directories.forget()
        wrappedKeys.forget()
    }

    // MARK: Objects

    /// Commits a put: inserts the object, or replaces the one with its name.
    ///
    /// Throws ``StoreError/Code/alreadyExists`` or ``StoreError/Code/conditionNotMet``, before anything
    /// is written. It is stale if the scope has another key version now than when the object was sealed. Then its
    /// data key isn't wrapped again here: others may share it, and stand under the older version.
    mutating func put(
        _ put: PutOperation
    ) throws(StoreError) -> CatalogAnswer<PutOutcome> {
        let (new, scope) = (put.object, put.scope.rowID)
        if let finding = try use(put.scope) { return .stale(finding) }
        guard new.wrapped.key == put.scope.need.key else {
            return .stale(.scope(rowID: scope, try reader.scope(rowID: scope)))
        }
        need(put.needs)
        var old: ObjectRow?
        // Most names are new, and the INSERT finds out for itself.
        if put.condition != .always {
            old = try reader.object(scope: scope, tag: new.tag)
            if let refusal = put.condition.refusal(of: new.name, existing: old) { throw refusal }
        }
        // A row that was moved to another directory behind the store's back is put right, too.
        if old?.directory != new.directory {
            if let tag = try makeDirectories(put.directories, scope: scope) {
                return .stale(.noDirectory(tag))
            }
        }
        hasWritten = true
        let dataKey = try wrappedKeys.row(
            for: new.wrapped, under: put.scope.keyRowID, scope: scope, connection)
        let blob = try insertBlob(new)
        if old == nil {
            try insertObject.query(connection).run(new, scope: scope, dataKey: dataKey, blob: blob)
            if connection.changedRowCount == 0 { old = try objectInTheWay(of: new, scope: scope) }
        }
        if let old {
            let update = try updateObject.query(connection)
            try update.run(new, scope: scope, dataKey: dataKey, blob: blob)
            try update.requireOneChangedRow()
            try release(old, scope: scope)
            if blob != nil { unsynced.noteReplacement() }
        }
        count(
            scope: scope, key: dataKey.keyRowID, wrappedKey: dataKey.rowID, objectCount: 1,
            byteCount: new.byteCount)
        return .committed(PutOutcome(isReplacement: old != nil))
    }

    /// The object that has the name of one that could not be inserted.
    private mutating func objectInTheWay(
        of new: NewObject, scope: Int
    ) throws(StoreError) -> ObjectRow {
        guard let row = try reader.object(scope: scope, tag: new.tag) else {
            throw StoreError(
                .damagedCatalog, "can't store the object: the index of names leads to no row",
                remedies: [.run(.repair(store: nil)), .restoreBackup])
        }
        return row
    }

    /// What is so of a scope, if it isn't what an operation takes to be so; nil, and what the COMMIT needs is noted,
    /// if it is.
    mutating func use(_ scope: ScopeUse) throws(StoreError) -> CatalogFinding? {
        if scopeKeys[scope.rowID] != scope.keyRowID {
            switch try reader.standing(ofScope: scope.rowID, under: scope.keyRowID) {
            case .same: scopeKeys[scope.rowID] = scope.keyRowID
            case .other(let record): return .scope(rowID: scope.rowID, record)
            }
        }
        need(scope.need)
        return nil
    }

    /// Notes what the COMMIT needs for the work that runs now, be it refused.
    mutating func need(_ use: KeyUse) {
        needs.append(Need(work: work, use: use))
    }

    mutating func need(_ uses: Set<KeyUse>) {
        for use in uses { need(use) }
    }

    /// Removes the object with this tag.
    mutating func remove(
        _ removal: RemoveOperation
    ) throws(StoreError) -> CatalogAnswer<RemoveOutcome> {
        let scope = removal.scope.rowID
        if let finding = try use(removal.scope) { return .stale(finding) }
        guard let row = try reader.object(scope: scope, tag: removal.tag) else {
            return .committed(RemoveOutcome())
        }
        let isDirectoryGone = try remove(row, scope: scope)
        return .committed(RemoveOutcome(isRemoved: true, isDirectoryGone: isDirectoryGone))
    }

    /// Removes an object that was just looked up in this transaction; whether its directory went with it.
    @discardableResult
    mutating func remove(_ row: ObjectRow, scope: Int) throws(StoreError) -> Bool {
        try delete(row, scope: scope)
        return try pruneDirectory(row.directory, scope: scope)
    }

    private mutating func delete(_ row: ObjectRow, scope: Int) throws(StoreError) {
        hasWritten = true
        let query = try deleteObject.query(connection)
        try query.run(rowID: row.rowID)
        try query.requireOneChangedRow()
        try release(row, scope: scope)
    }

    /// Gives an object another name, in the place of the one that has it.
    mutating func rename(
        _ rename: RenameOperation
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let (scope, renamed) = (rename.scope.rowID, rename.renamed)
        // Also where nothing is written: what is known of the object is given back.
        if let finding = try use(rename.scope) { return .stale(finding) }
        guard let now = try reader.object(scope: scope, tag: rename.row.tag) else {
            throw StoreError.noObject(rename.name)
        }
        guard now.revision == rename.row.revision else { return .stale(.otherObject) }
        let target = try reader.object(scope: scope, tag: renamed.tag)
        if let refusal = rename.condition.refusal(of: rename.newName, existing: target) {
            throw refusal
        }
        guard renamed.tag != now.tag else { return .committed(()) }
        if let tag = try makeDirectories(rename.directories, scope: scope) {
            return .stale(.noDirectory(tag))
        }
        if let target { try delete(target, scope: scope) }
        hasWritten = true
        let query = try updateName.query(connection)
        try query.bind(1, now.rowID)
        try query.bind(2, renamed.tag)
        try query.bind(3, renamed.directory)
        try query.bind(4, renamed.revision)
        try query.bind(5, renamed.document)
        try query.runChangingOneRow()
        if let target { _ = try pruneDirectory(target.directory, scope: scope) }
        _ = try pruneDirectory(now.directory, scope: scope)
        return .committed(())
    }

    /// Commits a rewrap: puts each key's new wrapping in the place of what its row had; for each, whether that was
    /// still there. Never inserts: what was removed meanwhile stays away.
    mutating func rewrap(
        _ rewrap: RewrapOperation
    ) throws(StoreError) -> CatalogAnswer<[Bool]> {
        let scope = rewrap.scope
        if let finding = try use(scope) { return .stale(finding) }
        var isDone: [Bool] = []
        for key in rewrap.keys {
            isDone.append(
                key.wrapped.key == scope.need.key ? try self.rewrap(key, in: scope) : false)
        }
        return .committed(isDone)
    }

    private mutating func rewrap(
        _ key: RewrappedKey, in scope: ScopeUse
    ) throws(StoreError) -> Bool {
        let row = key.row
        let count: ObjectCount? = try wrappedKeys.rewrap(
            row, to: key.wrapped, keyRowID: scope.keyRowID, hasWritten: &hasWritten, connection)
        guard let count else { return false }
        need(
            KeyUse(
                key: row.wrapped.key, operation: .unwrapKey, identity: scope.need.identity))
        for (keyRowID, sign) in [(row.keyRowID, -1), (scope.keyRowID, 1)] {
            let place = CensusKey(scope: scope.rowID, key: keyRowID)
            census[place, default: ObjectCount()].add(
                objects: sign * count.objectCount, bytes: sign * count.byteCount)
        }
        return true
    }

    /// Forgets a scope's current key, which this batch has changed.
    mutating func forgetScopeKey(_ scope: Int) {
        scopeKeys[scope] = nil
        wrappedKeys.forgetPresent()
    }

    /// Has the transaction reach the log, though it changes nothing.
    mutating func writeSomething() throws(StoreError) {
        hasWritten = true
        do throws(DatabaseError) {
            try connection.writeSomething()
        } catch {
            throw StoreError(catalog: error, "settle what was cut short")
        }
    }

    /// Forgets blobs that were unlinked.
    mutating func forgetGarbage(rowIDs: [Int]) throws(StoreError) {
        hasWritten = true
        for rowID in rowIDs {
            try deleteGarbage.query(connection).run(rowID: rowID)
        }
    }

    /// The row of an object's blob; nil if its bytes go into its own row.
    private mutating func insertBlob(_ new: NewObject) throws(StoreError) -> Int? {
        guard case .file = new.content else { return nil }
        let query = try insertBlob.query(connection)
        try query.bind(1, new.objectID)
        try query.runChangingOneRow()
        return Int(connection.lastInsertedRowID)
    }

    /// Lets go of what a row referenced.
    private mutating func release(_ row: ObjectRow, scope: Int) throws(StoreError) {
        if let blob = row.blobRowID {
            try releaseBlob(blob)
        }
        count(
            scope: scope, key: row.keyRowID, wrappedKey: row.wrappedKeyRowID, objectCount: -1,
            byteCount: -row.byteCount)
    }

    /// Counts one reference to a blob less.
    mutating func releaseBlob(_ rowID: Int) throws(StoreError) {
        try releaseBlob.query(connection).run(rowID: rowID)
        hasLeftGarbage = true
    }

    // MARK: Keys and census

    /// The row of a key version in `keys`, made if it isn't there.
    mutating func keyRow(for key: KeyIdentifier) throws(StoreError) -> Int {
        if let known = keyRows[key] { return known }
        let identifier = key.description
        let find = try findKey.query(connection)
        try find.bind(1, identifier)
        var rowID: Int?
        if try find.step() { rowID = Int(find.statement.int(0)) }
        find.reset()
        if rowID == nil {
            hasWritten = true
            let insert = try insertKey.query(connection)
            try insert.bind(1, identifier)
            try insert.runChangingOneRow()
            rowID = Int(connection.lastInsertedRowID)
        }
        keyRows[key] = rowID
        return rowID ?? 0
    }

    private mutating func count(
        scope: Int, key: Int, wrappedKey: Int, objectCount: Int, byteCount: Int
    ) {
        let place = CensusKey(scope: scope, key: key)
        census[place, default: ObjectCount()].add(objects: objectCount, bytes: byteCount)
        wrappedKeys.count(wrappedKey, objects: objectCount, bytes: byteCount)
    }

    // MARK: Directories

    /// Makes those rows of a basis that are missing; nil, or else the tag of the directory that isn't there and of
    /// which there is no row, and nothing is made.
    private mutating func makeDirectories(
        _ basis: DirectoryBasis, scope: Int
    ) throws(StoreError) -> [UInt8]? {
        try directories.make(basis, scope: scope, hasWritten: &hasWritten, connection)
    }

    /// Makes those of the rows that are missing, whatever else is there.
    mutating func addDirectories(_ rows: [DirectoryRow], scope: Int) throws(StoreError) {
        try directories.make(all: rows, scope: scope, hasWritten: &hasWritten, connection)
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise; whether there was
    /// one.
    mutating func pruneDirectory(
        _ directory: [UInt8], scope: Int
    ) throws(StoreError) -> Bool {
        try directories.prune(directory, scope: scope, &reader, connection)
    }
}

extension CatalogQuery {
    /// Runs the statement that inserts an object, or the one that replaces it.
    fileprivate func run(
        _ new: NewObject, scope: Int, dataKey: WrappedKeyTable.Row, blob: Int?
    ) throws(StoreError) {
        try bind(1, scope)
        try bind(2, new.tag)
        try bind(3, new.directory)
        try bind(4, new.objectID)
        try bind(5, new.revision)
        try bind(6, new.byteCount)
        try bind(7, new.storedByteCount)
        try bind(8, Int(new.chunkSize.exponent))
        try bind(9, Int(new.codec.rawValue))
        try bind(10, new.tableDigest)
        try bind(11, new.commitment)
        try bind(12, dataKey.rowID)
        if let blob { try bind(13, blob) }
        try bind(14, new.document)
        if case .inline(let bytes) = new.content {
            try run(binding: 15, bytes)
        } else {
            try run()
        }
    }
}
