internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The one connection of a process that writes the catalog. Its methods run inside the transaction
/// of a batch (``GroupCommit``); each checks its conditions before it writes its first row, so that
/// a refusal leaves the transaction as it was.
struct CatalogWriter: ~Copyable, Sendable {
    let connection: Connection
    var reader: CatalogReader
    /// Whether anything was written since it was last set to false.
    var hasWritten = false
    /// Whether the batch left blobs behind that nothing references.
    var hasLeftGarbage = false
    /// What the batch's COMMIT needs of the vaults.
    var needs: Set<KeyUse> = []

    private let library: CryptoLibrary
    private var unsynced: UnsyncedMark
    private var directories = DirectoryTable()
    private var wrappedKeys = WrappedKeyTable()
    private var keyRows: [KeyIdentifier: Int] = [:]
    /// What the batch adds to the census.
    private var census: [CensusKey: ObjectCount] = [:]
    /// The current keys of scopes, as this batch has read them, and what has authenticated them.
    private var scopeKeys: [Int: (scope: Scope, current: KeyPlace)] = [:]
    private var seenDataVersion = -1

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
        connection: Connection, unsynced: UnsyncedMark, keyNames: KeyNames, library: CryptoLibrary
    ) {
        self.connection = connection
        self.unsynced = unsynced
        self.library = library
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

    /// Ends a batch's work, before its COMMIT: writes what was counted, and lets go of keys.
    mutating func endBatch() throws(StoreError) {
        scopeKeys.removeAll(keepingCapacity: true)
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
    /// is written; and ``StoreError/Code/scopeMoved`` if the scope has another key version now than when
    /// the object was sealed. Then its data key isn't wrapped again here: others may share it, and stand
    /// under the older version.
    @discardableResult
    mutating func put(
        _ new: NewObject, in scope: Scope, condition: PutCondition
    ) throws(StoreError) -> PutOutcome {
        let current = try use(scope, for: .wrapKey)
        guard current == scope.currentPlace, new.dataKey.wrapped.key == current.key else {
            scope.distrust()
            throw StoreError(.scopeMoved, "the scope has another key version by now")
        }
        var old: ObjectRow?
        // Most names are new, and the INSERT finds out for itself.
        if condition != .always {
            old = try reader.object(scope: scope.record.rowID, tag: new.tag)
            try Self.check(condition, name: new.name, existing: old)
        }
        // A row that was moved to another directory behind the store's back is put right, too.
        if old?.directory != new.directory { try makeDirectories(of: new.name, in: scope) }
        hasWritten = true
        let dataKey = try wrappedKeys.row(
            for: new.dataKey, under: current, scope: scope.record.rowID, connection)
        let blob = try insertBlob(new)
        if old == nil {
            try insertObject.query(connection).run(new, in: scope, dataKey: dataKey, blob: blob)
            if connection.changedRowCount == 0 { old = try objectInTheWay(of: new, in: scope) }
        }
        if let old {
            let update = try updateObject.query(connection)
            try update.run(new, in: scope, dataKey: dataKey, blob: blob)
            try update.requireOneChangedRow()
            try release(old, scope: scope.record.rowID)
            if blob != nil { unsynced.noteReplacement() }
        }
        count(
            scope: scope.record.rowID, key: dataKey.keyRowID, wrappedKey: dataKey.rowID,
            objectCount: 1,
            byteCount: new.byteCount)
        return PutOutcome(isReplacement: old != nil, key: current.key)
    }

    /// The object that has the name of one that could not be inserted.
    private mutating func objectInTheWay(
        of new: NewObject, in scope: Scope
    ) throws(StoreError) -> ObjectRow {
        guard let row = try reader.object(scope: scope.record.rowID, tag: new.tag) else {
            throw StoreError(
                .damagedCatalog, "can't store the object: the index of names leads to no row",
                remedies: [.run(.repair(store: nil)), .restoreBackup])
        }
        return row
    }

    /// The scope's current key, which the COMMIT needs for `operation`: as its row says, if the scope's
    /// keys authenticate that.
    ///
    /// Everything that opens or seals names of a scope says so here: who holds a scope that was
    /// rotated meanwhile then commits under the newer key or not at all.
    @discardableResult
    mutating func use(
        _ scope: Scope, for operation: KeyOperation
    ) throws(StoreError) -> KeyPlace {
        let rowID = scope.record.rowID
        let current: KeyPlace
        if let known = scopeKeys[rowID], known.scope === scope {
            current = known.current
        } else {
            guard let found = try reader.currentKey(of: scope, library: library) else {
                throw StoreError.missingScope(scope.record.name)
            }
            current = found
            scopeKeys[rowID] = (scope, found)
            if found != scope.currentPlace { scope.distrust() }
        }
        needs.insert(KeyUse(key: current.key, operation: operation, identity: scope.identity))
        return current
    }

    /// Removes the object with this tag and returns its row; nil if there is none.
    mutating func remove(tag: [UInt8], in scope: Scope) throws(StoreError) -> ObjectRow? {
        try use(scope, for: .unwrapKey)
        guard let row = try reader.object(scope: scope.record.rowID, tag: tag) else { return nil }
        try remove(row, scope: scope.record.rowID)
        return row
    }

    /// Removes an object that was just looked up in this transaction.
    mutating func remove(_ row: ObjectRow, scope: Int) throws(StoreError) {
        hasWritten = true
        let query = try deleteObject.query(connection)
        try query.run(rowID: row.rowID)
        try query.requireOneChangedRow()
        try release(row, scope: scope)
        try pruneDirectory(row.directory, scope: scope)
    }

    /// Gives an object another name; `document` is sealed for `revision` and the new place.
    mutating func rename(
        _ row: ObjectRow, to name: ObjectName, tag: [UInt8], directory: [UInt8],
        revision: [UInt8], document: [UInt8], in scope: Scope
    ) throws(StoreError) {
        try use(scope, for: .unwrapKey)
        try makeDirectories(of: name, in: scope)
        hasWritten = true
        let query = try updateName.query(connection)
        try query.bind(1, row.rowID)
        try query.bind(2, tag)
        try query.bind(3, directory)
        try query.bind(4, revision)
        try query.bind(5, document)
        try query.runChangingOneRow()
        try pruneDirectory(row.directory, scope: scope.record.rowID)
    }

    /// Commits a rewrap: puts `wrapped` in the place of what `row` had; whether it was still there, and
    /// the scope's key still the one that it is wrapped under now. Never inserts: what was removed
    /// meanwhile stays away.
    mutating func rewrap(
        _ row: WrappedKeyRow, to wrapped: WrappedKey, in scope: Scope
    ) throws(StoreError) -> Bool {
        let current = try use(scope, for: .wrapKey)
        guard current == scope.currentPlace, current.key == wrapped.key else { return false }
        let count: ObjectCount? = try wrappedKeys.rewrap(
            row, to: wrapped, keyRowID: current.rowID, hasWritten: &hasWritten, connection)
        guard let count else { return false }
        needs.insert(
            KeyUse(key: row.wrapped.key, operation: .unwrapKey, identity: scope.identity))
        for (key, sign) in [(row.keyRowID, -1), (current.rowID, 1)] {
            let place = CensusKey(scope: scope.record.rowID, key: key)
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

    /// Throws unless `condition` allows a put over `existing`.
    static func check(
        _ condition: PutCondition, name: ObjectName, existing: ObjectRow?
    ) throws(StoreError) {
        switch condition {
        case .always: return
        case .ifAbsent:
            guard existing != nil else { return }
            throw StoreError(
                .alreadyExists, "there is an object '\(name)' already; nothing was changed",
                about: .object(name.description), remedies: [.choose(.otherName)])
        case .ifMatch(let tag):
            guard let existing else {
                throw StoreError(
                    .conditionNotMet, "there is no object '\(name)' to match; nothing was changed",
                    about: .object(name.description))
            }
            guard EntityTag(objectID: existing.objectID) != tag else { return }
            throw StoreError(
                .conditionNotMet,
                "the object '\(name)' has another entity tag by now; nothing was changed",
                about: .object(name.description),
                remedies: [.other("look at it as it is now, and try again with its tag")])
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

    /// Makes the rows of the directories that hold `name`, as far as they are missing: those below the
    /// first that is there or, if `isRepair`, every one.
    mutating func makeDirectories(
        of name: ObjectName, in scope: Scope, isRepair: Bool = false
    ) throws(StoreError) {
        try directories.make(
            holding: name, in: scope, isRepair: isRepair, library: library,
            hasWritten: &hasWritten, connection)
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise.
    mutating func pruneDirectory(_ directory: [UInt8], scope: Int) throws(StoreError) {
        try directories.prune(directory, scope: scope, &reader, connection)
    }
}

extension CatalogQuery {
    /// Runs the statement that inserts an object, or the one that replaces it.
    fileprivate func run(
        _ new: NewObject, in scope: Scope, dataKey: WrappedKeyTable.Row, blob: Int?
    ) throws(StoreError) {
        try bind(1, scope.record.rowID)
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
