internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault

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
    /// Wraps for puts that were overtaken by a rotation.
    let access: KeyAccess

    private let library: CryptoLibrary
    private var keyRows: [KeyIdentifier: Int] = [:]
    /// What the batch adds to the census, and to the counts of wrapped keys.
    private var census: [CensusKey: Count] = [:]
    private var wrappedKeyCounts: [Int: Count] = [:]
    /// The rows of data keys that this process has stored, and of those the ones that this batch has
    /// seen to be there still.
    private var dataKeyRows: [ObjectIdentifier: Int] = [:]
    private var presentDataKeys: [ObjectIdentifier: DataKeyRow] = [:]
    /// The current keys of scopes, as this batch has read them.
    private var scopeKeys: [Int: KeyPlace] = [:]
    /// Directories known to exist; forgotten when anybody else commits or anything is removed.
    private var knownDirectories: Set<[UInt8]> = []
    private var seenDataVersion = -1

    private static let rememberedDataKeyCount = 64

    private struct CensusKey: Hashable {
        var scope: Int
        var key: Int
    }

    private struct Count: Equatable {
        var objectCount = 0
        var byteCount = 0
    }

    /// A row of `wrapped_keys`, and the version that it is wrapped under.
    private struct DataKeyRow {
        /// Kept, so that its identity isn't another's.
        let dataKey: DataKey
        let rowID: Int
        let keyRowID: Int
    }

    private var dataVersion = CatalogStatement("PRAGMA data_version", to: "write the catalog")
    private var insertKey = CatalogStatement(
        "INSERT INTO keys (identifier) VALUES (?1)", to: "record a key version")
    private var findKey = CatalogStatement(
        "SELECT id FROM keys WHERE identifier = ?1", to: "look up a key version")
    private var insertBlob = CatalogStatement(
        "INSERT INTO blobs (refs, file) VALUES (1, ?1)", to: "store the object's bytes")
    private var insertWrappedKey = CatalogStatement(
        """
        INSERT INTO wrapped_keys (scope, key, objects, bytes, scheme, wrapped) \
        VALUES (?1, ?2, 0, 0, ?3, ?4)
        """, to: "store the object's key")
    private var findWrappedKey = CatalogStatement(
        "SELECT key FROM wrapped_keys WHERE id = ?1 AND wrapped = ?2",
        to: "look up the object's key")
    private var countWrappedKey = CatalogStatement(
        "SELECT objects, bytes FROM wrapped_keys WHERE id = ?1 AND wrapped = ?2 AND key = ?3",
        to: "rewrap a key")
    private var rewrapKey = CatalogStatement(
        "UPDATE wrapped_keys SET key = ?2, scheme = ?3, wrapped = ?4 WHERE id = ?1",
        to: "rewrap a key")
    private var addToWrappedKey = CatalogStatement(
        "UPDATE wrapped_keys SET objects = objects + ?2, bytes = bytes + ?3 WHERE id = ?1",
        to: "store the object's key")
    private var insertObject = CatalogStatement(
        """
        INSERT INTO objects (scope, tag, directory, object_id, revision, byte_count, \
        stored_byte_count, chunk_exponent, codec, table_digest, commitment, wrapped_key, blob, \
        document, data) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """, to: "store the object")
    private var updateObject = CatalogStatement(
        """
        UPDATE objects SET object_id = ?4, revision = ?5, byte_count = ?6, \
        stored_byte_count = ?7, chunk_exponent = ?8, codec = ?9, table_digest = ?10, \
        commitment = ?11, wrapped_key = ?12, blob = ?13, document = ?14, data = ?15, \
        directory = ?3 \
        WHERE scope = ?1 AND tag = ?2
        """, to: "replace the object")
    private var updateName = CatalogStatement(
        """
        UPDATE objects SET tag = ?2, directory = ?3, revision = ?4, document = ?5 WHERE id = ?1
        """, to: "rename the object")
    private var deleteObject = CatalogStatement(
        "DELETE FROM objects WHERE id = ?1", to: "remove the object")
    // A count that was altered must not take the key from objects that share it.
    private var deleteWrappedKey = CatalogStatement(
        """
        DELETE FROM wrapped_keys WHERE id = ?1 AND objects <= 0 \
        AND NOT EXISTS (SELECT 1 FROM objects WHERE wrapped_key = ?1 AND blob IS NULL)
        """, to: "remove the object's key")
    private var releaseBlob = CatalogStatement(
        "UPDATE blobs SET refs = refs - 1 WHERE id = ?1", to: "remove the object's bytes")
    private var findBlobFile = CatalogStatement(
        "SELECT 1 FROM blobs WHERE file = ?1", to: "look up a blob")
    private var deleteGarbage = CatalogStatement(
        "DELETE FROM blobs WHERE id = ?1 AND refs <= 0", to: "forget a removed blob")
    private var findDirectory = CatalogStatement(
        "SELECT 1 FROM directories WHERE scope = ?1 AND tag = ?2", to: "look up a directory")
    private var insertDirectory = CatalogStatement(
        """
        INSERT INTO directories (scope, tag, parent, revision, document) VALUES (?1, ?2, ?3, ?4, ?5)
        """, to: "store a directory")
    private var deleteDirectory = CatalogStatement(
        "DELETE FROM directories WHERE scope = ?1 AND tag = ?2", to: "remove a directory")
    private var findChild = CatalogStatement(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM objects WHERE scope = ?1 AND directory = ?2) \
        OR EXISTS (SELECT 1 FROM directories WHERE scope = ?1 AND parent = ?2)
        """, to: "look into a directory")
    private var addToCensus = CatalogStatement(
        """
        INSERT INTO census (scope, key, objects, bytes) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO UPDATE SET objects = objects + excluded.objects, \
        bytes = bytes + excluded.bytes
        """, to: "keep the census")

    init(
        connection: Connection, keyNames: KeyNames, library: CryptoLibrary, access: KeyAccess
    ) {
        self.connection = connection
        self.access = access
        self.library = library
        reader = CatalogReader(connection: connection, keyNames: keyNames)
    }

    // MARK: Batches

    /// Begins a batch's work, inside its transaction.
    mutating func beginBatch() throws(StoreError) {
        hasWritten = false
        hasLeftGarbage = false
        census.removeAll(keepingCapacity: true)
        wrappedKeyCounts.removeAll(keepingCapacity: true)
        scopeKeys.removeAll(keepingCapacity: true)
        needs.removeAll(keepingCapacity: true)
        let query = try dataVersion.query(connection)
        defer { query.reset() }
        let version = try query.step() ? Int(query.statement.int(0)) : -1
        if version != seenDataVersion {
            knownDirectories.removeAll()
            seenDataVersion = version
        }
    }

    /// Ends a batch's work, before its COMMIT: writes what was counted, and lets go of data keys.
    mutating func endBatch() throws(StoreError) {
        presentDataKeys.removeAll(keepingCapacity: true)
        for (rowID, change) in wrappedKeyCounts {
            if change != Count() {
                let query = try addToWrappedKey.query(connection)
                try query.bind(1, rowID)
                try query.bind(2, change.objectCount)
                try query.bind(3, change.byteCount)
                try query.run()
            }
            if change.objectCount <= 0 {
                try deleteWrappedKey.query(connection).run(rowID: rowID)
            }
        }
        for (place, change) in census where change != Count() {
            let query = try addToCensus.query(connection)
            try query.bind(1, place.scope)
            try query.bind(2, place.key)
            try query.bind(3, change.objectCount)
            try query.bind(4, change.byteCount)
            try query.run()
        }
    }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        keyRows.removeAll()
        knownDirectories.removeAll()
        census.removeAll()
        wrappedKeyCounts.removeAll()
        dataKeyRows.removeAll()
        presentDataKeys.removeAll()
    }

    // MARK: Objects

    /// Commits a put: inserts the object, or replaces the one with its name.
    ///
    /// It is committed under the scope's current key version, whichever was that when it was sealed.
    /// Throws ``StoreError/Code/alreadyExists`` or ``StoreError/Code/conditionNotMet``, before anything
    /// is written.
    @discardableResult
    mutating func put(
        _ new: NewObject, in scope: Scope, condition: PutCondition
    ) throws(StoreError) -> PutOutcome {
        let current = try use(scope, for: .wrapKey)
        let old = try reader.object(scope: scope.record.rowID, tag: new.tag)
        try Self.check(condition, name: new.name, existing: old)
        // A row that was moved to another directory behind the store's back is put right, too.
        if old?.directory != new.directory { try makeDirectories(of: new.name, in: scope) }
        hasWritten = true
        let dataKey = try dataKeyRow(for: new.dataKey, under: current, in: scope)
        let blob = try insertBlob(new)
        let query =
            try old == nil
            ? insertObject.query(connection) : updateObject.query(connection)
        try query.bind(1, scope.record.rowID)
        try query.bind(2, new.tag)
        try query.bind(3, new.directory)
        try query.bind(4, new.objectID)
        try query.bind(5, new.revision)
        try query.bind(6, new.byteCount)
        try query.bind(7, new.storedByteCount)
        try query.bind(8, Int(new.chunkSize.exponent))
        try query.bind(9, Int(new.codec.rawValue))
        try query.bind(10, new.tableDigest)
        try query.bind(11, new.commitment)
        try query.bind(12, dataKey.rowID)
        if let blob { try query.bind(13, blob) }
        try query.bind(14, new.document)
        if case .inline(let bytes) = new.content { try query.bind(15, bytes) }
        try query.run()
        if let old { try release(old, scope: scope.record.rowID) }
        count(
            scope: scope.record.rowID, key: dataKey.keyRowID, wrappedKey: dataKey.rowID,
            objectCount: 1,
            byteCount: new.byteCount)
        return PutOutcome(replacedID: old?.objectID, key: current.key)
    }

    /// The scope's current key, which the COMMIT needs for `operation`.
    ///
    /// Everything that opens or seals names of a scope says so here: who holds a scope that was
    /// rotated meanwhile then commits under the newer key or not at all.
    @discardableResult
    mutating func use(
        _ scope: Scope, for operation: KeyOperation
    ) throws(StoreError) -> KeyPlace {
        let rowID = scope.record.rowID
        let current: KeyPlace
        if let known = scopeKeys[rowID] {
            current = known
        } else {
            guard let found = try reader.key(ofScope: rowID) else {
                throw Store.missingScope(scope.record.name)
            }
            current = found
            scopeKeys[rowID] = found
            if found.rowID != scope.record.currentKeyRowID { scope.distrust() }
        }
        needs.insert(KeyUse(key: current.key, operation: operation))
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
        try deleteObject.query(connection).run(rowID: row.rowID)
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
        try query.run()
        try pruneDirectory(row.directory, scope: scope.record.rowID)
    }

    /// Commits a rewrap: puts `wrapped` in the place of what `row` had; whether it was still there, and
    /// the scope's key still the one that it is wrapped under now. Never inserts: what was removed
    /// meanwhile stays away.
    mutating func rewrap(
        _ row: WrappedKeyRow, to wrapped: WrappedKey, in scope: Scope
    ) throws(StoreError) -> Bool {
        let current = try use(scope, for: .wrapKey)
        guard current.key == wrapped.key else { return false }
        let find = try countWrappedKey.query(connection)
        try find.bind(1, row.rowID)
        try find.bind(2, row.wrapped.bytes)
        try find.bind(3, row.keyRowID)
        let isThere = try find.step()
        var count = Count()
        if isThere {
            count = Count(
                objectCount: Int(find.statement.int(0)), byteCount: Int(find.statement.int(1)))
        }
        find.reset()
        guard isThere else { return false }
        hasWritten = true
        needs.insert(KeyUse(key: row.wrapped.key, operation: .unwrapKey))
        let update = try rewrapKey.query(connection)
        try update.bind(1, row.rowID)
        try update.bind(2, current.rowID)
        try update.bind(3, Int(wrapped.scheme))
        try update.bind(4, wrapped.bytes)
        try update.run()
        // What this batch did to the key's objects was counted under the old version.
        if let pending = wrappedKeyCounts[row.rowID] {
            count.objectCount += pending.objectCount
            count.byteCount += pending.byteCount
        }
        for (key, sign) in [(row.keyRowID, -1), (current.rowID, 1)] {
            let place = CensusKey(scope: scope.record.rowID, key: key)
            census[place, default: Count()].objectCount += sign * count.objectCount
            census[place, default: Count()].byteCount += sign * count.byteCount
        }
        presentDataKeys = presentDataKeys.filter { $0.value.rowID != row.rowID }
        return true
    }

    /// Forgets a scope's current key, which this batch has changed.
    mutating func forgetScopeKey(_ scope: Int) {
        scopeKeys[scope] = nil
        presentDataKeys.removeAll()
    }

    /// Whether a blob file has a row.
    mutating func hasBlob(objectID: [UInt8]) throws(StoreError) -> Bool {
        let query = try findBlobFile.query(connection)
        try query.bind(1, objectID)
        defer { query.reset() }
        return try query.step()
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
                .alreadyExists, "the object '\(name)' exists already; nothing was changed")
        case .ifMatch(let tag):
            guard let existing else {
                throw StoreError(
                    .conditionNotMet, "there is no object '\(name)' to match; nothing was changed")
            }
            guard EntityTag(objectID: existing.objectID) != tag else { return }
            throw StoreError(
                .conditionNotMet,
                "the object '\(name)' has another entity tag by now; nothing was changed")
        }
    }

    /// The row of a data key under the scope's current version: the one it has, if that is still there as
    /// this process stored it.
    private mutating func dataKeyRow(
        for dataKey: DataKey, under current: KeyPlace, in scope: Scope
    ) throws(StoreError) -> DataKeyRow {
        let identity = ObjectIdentifier(dataKey)
        if let present = presentDataKeys[identity] { return present }
        var row: DataKeyRow?
        if let rowID = dataKeyRows[identity] {
            let find = try findWrappedKey.query(connection)
            try find.bind(1, rowID)
            try find.bind(2, dataKey.wrapped.bytes)
            if try find.step(), Int(find.statement.int(0)) == current.rowID {
                row = DataKeyRow(dataKey: dataKey, rowID: rowID, keyRowID: current.rowID)
            }
            find.reset()
        }
        let present: DataKeyRow
        if let row {
            present = row
        } else {
            present = try insert(dataKey, under: current, in: scope)
        }
        // Few are used twice: those that small objects share.
        if dataKeyRows.count >= Self.rememberedDataKeyCount { dataKeyRows.removeAll() }
        dataKeyRows[identity] = present.rowID
        presentDataKeys[identity] = present
        return present
    }

    private mutating func insert(
        _ dataKey: DataKey, under current: KeyPlace, in scope: Scope
    ) throws(StoreError) -> DataKeyRow {
        var wrapped = dataKey.wrapped
        if wrapped.key != current.key {
            do throws(VaultError) {
                wrapped = try access.wrap(dataKey.secret, under: current.key)
            } catch {
                throw StoreError(vault: error, "wrap the object's key again")
            }
        }
        let query = try insertWrappedKey.query(connection)
        try query.bind(1, scope.record.rowID)
        try query.bind(2, current.rowID)
        try query.bind(3, Int(wrapped.scheme))
        try query.bind(4, wrapped.bytes)
        try query.run()
        return DataKeyRow(
            dataKey: dataKey, rowID: Int(connection.lastInsertedRowID), keyRowID: current.rowID)
    }

    /// The row of an object's blob; nil if its bytes go into its own row.
    private mutating func insertBlob(_ new: NewObject) throws(StoreError) -> Int? {
        guard case .file = new.content else { return nil }
        let query = try insertBlob.query(connection)
        try query.bind(1, new.objectID)
        try query.run()
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
            try insert.run()
            rowID = Int(connection.lastInsertedRowID)
        }
        keyRows[key] = rowID
        return rowID ?? 0
    }

    private mutating func count(
        scope: Int, key: Int, wrappedKey: Int, objectCount: Int, byteCount: Int
    ) {
        let place = CensusKey(scope: scope, key: key)
        census[place, default: Count()].objectCount += objectCount
        census[place, default: Count()].byteCount += byteCount
        wrappedKeyCounts[wrappedKey, default: Count()].objectCount += objectCount
        wrappedKeyCounts[wrappedKey, default: Count()].byteCount += byteCount
    }

    // MARK: Directories

    /// Makes the rows of the directories that hold `name`, as far as they are missing: those below the
    /// first that is there or, if `isRepair`, every one.
    mutating func makeDirectories(
        of name: ObjectName, in scope: Scope, isRepair: Bool = false
    ) throws(StoreError) {
        var path = Scope.directory(of: name.utf8)
        while !path.isEmpty {
            let tag = try scope.tag(ofDirectory: path)
            guard knownDirectories.insert(tag).inserted || isRepair else { return }
            let find = try findDirectory.query(connection)
            try find.bind(1, scope.record.rowID)
            try find.bind(2, tag)
            let exists = try find.step()
            find.reset()
            if exists {
                guard isRepair else { return }
                path = Scope.parent(of: path)
                continue
            }
            let row = try scope.sealDirectory(
                path: path, tag: tag, revision: try library.revision())
            hasWritten = true
            let insert = try insertDirectory.query(connection)
            try insert.bind(1, scope.record.rowID)
            try insert.bind(2, row.tag)
            try insert.bind(3, row.parent)
            try insert.bind(4, row.revision)
            try insert.bind(5, row.document)
            try insert.run()
            path = Scope.parent(of: path)
        }
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise.
    mutating func pruneDirectory(
        _ directory: [UInt8], scope: Int
    ) throws(StoreError) {
        var tag = directory
        while true {
            let child = try findChild.query(connection)
            try child.bind(1, scope)
            try child.bind(2, tag)
            let isInUse = try child.step()
            child.reset()
            guard !isInUse,
                let row = try reader.directory(scope: scope, tag: tag)
            else { return }
            knownDirectories.removeAll()
            let delete = try deleteDirectory.query(connection)
            try delete.bind(1, scope)
            try delete.bind(2, tag)
            try delete.run()
            // In damaged pages it may not be where it was found.
            guard connection.changedRowCount == 1 else { return }
            tag = row.parent
        }
    }
}
