internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

extension CatalogReader {
    /// Every scope's row, by name.
    mutating func scopes() throws(StoreError) -> [ScopeRecord] {
        var records: [ScopeRecord] = []
        try forEachRow(
            "SELECT \(Self.scopeColumns) FROM scopes ORDER BY name"
        ) { row throws(StoreError) in
            guard let record = Self.decodeScope(row) else {
                throw Self.impossibleScope
            }
            records.append(record)
        }
        for index in records.indices {
            records[index].currentKey = try key(rowID: records[index].currentKeyRowID)
        }
        return records
    }

    /// The row of a scope; nil if there is no such scope. By the index of names, however many scopes there are.
    ///
    /// Only of one that isn't there all rows are looked at: one may be damaged, and be its row.
    mutating func scope(named name: ScopeName) throws(StoreError) -> ScopeRecord? {
        let query = try findScope.query(connection)
        try query.bind(1, name.description)
        if let record = try scope(query), record.name == name { return record }
        return try scopes().first { $0.name == name }
    }

    /// Whether a row has a scope's name.
    mutating func hasScope(named name: ScopeName) throws(StoreError) -> Bool {
        let query = try findScope.query(connection)
        try query.bind(1, name.description)
        defer { query.reset() }
        return try query.step()
    }

    /// The scope in a row; nil if there is none.
    mutating func scope(rowID: Int) throws(StoreError) -> ScopeRecord? {
        let query = try findScopeRow.query(connection)
        try query.bind(1, rowID)
        return try scope(query)
    }

    private mutating func scope(_ query: CatalogQuery) throws(StoreError) -> ScopeRecord? {
        let found: ScopeRecord?
        do {
            defer { query.reset() }
            guard try query.step() else { return nil }
            found = Self.decodeScope(query.statement)
        }
        guard var record = found else { throw Self.impossibleScope }
        record.currentKey = try key(rowID: record.currentKeyRowID)
        return record
    }

    private static var impossibleScope: StoreError {
        StoreError(
            .integrity, "the catalog holds a scope row with impossible values",
            remedies: [.restoreBackup])
    }

    /// The vaults of the keys that scopes are under now.
    mutating func vaultsInUse() throws(StoreError) -> Set<String> {
        var rowIDs: [Int] = []
        try forEachRow("SELECT DISTINCT key FROM scopes") { row throws(StoreError) in
            rowIDs.append(Int(row.int(0)))
        }
        var vaults: Set<String> = []
        for rowID in rowIDs { vaults.insert(try key(rowID: rowID).vault) }
        return vaults
    }

    static let scopeColumns = """
        id, scope_id, name, key_setting, key, scheme, wrapped, commitment, created, code, rewrap, \
        poll, polled
        """

    /// The row ids of scopes whose rows can't be ones.
    func impossibleScopes() throws(StoreError) -> [Int] {
        var rowIDs: [Int] = []
        try forEachRow("SELECT \(Self.scopeColumns) FROM scopes") { row throws(StoreError) in
            if Self.decodeScope(row) == nil { rowIDs.append(Int(row.int(0))) }
        }
        return rowIDs
    }

    /// A scope's row, but for its current key; nil if it holds impossible values.
    private static func decodeScope(_ row: Statement) -> ScopeRecord? {
        guard let scheme = UInt8(exactly: row.int(5)),
            let setting = try? KeyIdentifier(parsing: row.text(3)),
            // One spelling of each: what the code covers is what stands there.
            setting.description == row.text(3),
            let name = try? ScopeName(row.text(2)),
            let rewrapMode = RewrapMode(code: Int(row.int(10))),
            let pollSeconds = UInt32(exactly: row.int(11)),
            row.bytes(1).count == Format.identifierByteCount,
            row.bytes(7).count == Format.commitmentByteCount,
            row.bytes(6).count <= Int(UInt16.max)
        else { return nil }
        return ScopeRecord(
            rowID: Int(row.int(0)), scopeID: row.bytes(1), name: name, keySetting: setting,
            rewrapMode: rewrapMode, pollSeconds: Int(pollSeconds),
            // Nothing authenticates it, so it may be any number: none here overflows.
            polledMilliseconds: min(max(Int(row.int(12)), 0), 1 << 53), currentKey: setting,
            currentKeyRowID: Int(row.int(4)), scheme: scheme, wrappedKey: row.bytes(6),
            commitment: row.bytes(7), createdMilliseconds: Int(row.int(8)), code: row.bytes(9))
    }

    /// Objects and bytes of a scope by key version, as counted at each commit.
    mutating func census(scope: Int) throws(StoreError) -> [CensusEntry] {
        var entries: [CensusEntry] = []
        for count in try censusByKeyRow(scope: scope) {
            entries.append(
                CensusEntry(
                    key: try key(rowID: count.keyRowID), objectCount: count.objectCount,
                    byteCount: count.byteCount))
        }
        return entries
    }

    /// The census by rows of `keys`, without empty counts. All that it counts of a scope together is no
    /// more than one count can be.
    func censusByKeyRow(
        scope: Int
    ) throws(StoreError) -> [(keyRowID: Int, objectCount: Int, byteCount: Int)] {
        var counts: [(keyRowID: Int, objectCount: Int, byteCount: Int)] = []
        var (objectRoom, byteRoom) = (Statement.largestCount, Statement.largestCount)
        try forEachRow(
            """
            SELECT key, objects, bytes FROM census WHERE scope = \(scope) AND objects <> 0 ORDER BY key
            """
        ) { row throws(StoreError) in
            let objects = min(row.count(1), objectRoom)
            let bytes = min(row.count(2), byteRoom)
            objectRoom -= objects
            byteRoom -= bytes
            counts.append((Int(row.int(0)), objects, bytes))
        }
        return counts
    }

    /// The rows of `keys` that wrapped keys of a scope say they are wrapped under, and how many objects the
    /// census counts under each; how many wrapped keys there are, if it counts none.
    func keysInUse(
        ofScope scope: Int
    ) throws(StoreError) -> [(keyRowID: Int, objectCount: Int)] {
        let counted = try censusByKeyRow(scope: scope)
        var keys: [(keyRowID: Int, objectCount: Int)] = []
        try forEachValue(
            "SELECT min(key) FROM wrapped_keys WHERE scope = \(scope) AND key >= ?1",
            to: "see what is wrapped under which key"
        ) { keyRowID throws(StoreError) in
            var objectCount = counted.first { $0.keyRowID == keyRowID }?.objectCount ?? 0
            if objectCount <= 0 {
                objectCount = try integer(
                    """
                    SELECT count(*) FROM wrapped_keys \
                    WHERE scope = \(scope) AND key = \(keyRowID)
                    """)
            }
            keys.append((keyRowID, objectCount))
            return true
        }
        return keys
    }

    /// Calls `body` with each value of an indexed column, until it says no: from each to the next by the index,
    /// however many rows have it. The statement finds the least one from a first on.
    ///
    /// - Returns: Whether they came in order: in damaged pages a way on can lead back, and ends this.
    @discardableResult
    private func forEachValue(
        _ least: String, to purpose: String, _ body: (Int) throws(StoreError) -> Bool
    ) throws(StoreError) -> Bool {
        var next = CatalogStatement(least, to: purpose)
        var first = Int.min
        while true {
            let query = try next.query(connection)
            defer { query.reset() }
            try query.bind(1, first)
            guard try query.step(), !query.statement.isNull(0) else { return true }
            let value = Int(query.statement.int(0))
            guard try body(value) else { return true }
            guard value >= first else { return false }
            guard value < Int.max else { return true }
            first = value + 1
        }
    }

    /// What needs a key version, by the rows that are wrapped under it, whatever their counts say.
    func need(of identifier: String) throws(StoreError) -> KeyNeed {
        var count = CatalogStatement(
            """
            SELECT (SELECT count(*) FROM wrapped_keys w WHERE w.key = k.id), \
            (SELECT min(s.name) FROM wrapped_keys w JOIN scopes s ON s.id = w.scope \
            WHERE w.key = k.id), (SELECT min(s.name) FROM scopes s WHERE s.key = k.id) \
            FROM keys k WHERE k.identifier = ?1
            """, to: "see what needs a key version")
        let query = try count.query(connection)
        defer { query.reset() }
        try query.bind(1, identifier)
        var need = KeyNeed()
        while try query.step() {
            let row = query.statement
            need.dataKeyCount += Int(row.int(0))
            if !row.isNull(1) { need.dataKeyScope = row.text(1) }
            if !row.isNull(2) { need.scopeName = row.text(2) }
        }
        return need
    }

    /// A page of a scope's keys that are wrapped under the version in a row of `keys`.
    mutating func wrappedKeys(
        scope: Int, keyRowID: Int, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        let key = try key(rowID: keyRowID)
        var statement = CatalogStatement(
            """
            SELECT id, scheme, wrapped, objects, bytes FROM wrapped_keys \
            WHERE scope = ?1 AND key = ?2 AND id > ?3 ORDER BY id LIMIT ?4
            """, to: "list wrapped keys")
        let query = try statement.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, keyRowID)
        try query.bind(3, rowID)
        try query.bind(4, limit)
        var rows: [WrappedKeyRow] = []
        while try query.step() {
            let row = query.statement
            rows.append(
                WrappedKeyRow(
                    rowID: Int(row.int(0)), keyRowID: keyRowID,
                    wrapped: WrappedKey(
                        scheme: UInt8(truncatingIfNeeded: row.int(1)), key: key,
                        bytes: row.bytes(2)),
                    objectCount: row.count(3), byteCount: row.count(4)))
        }
        return rows
    }

    /// Whether objects are said to be in a scope that has no row.
    func hasStrayObjects() throws(StoreError) -> Bool {
        let purpose = "look for objects without a scope"
        var find = CatalogStatement("SELECT 1 FROM scopes WHERE id = ?1", to: purpose)
        var isAnyStray = false
        let areInOrder = try forEachValue(
            "SELECT min(scope) FROM objects WHERE scope >= ?1", to: purpose
        ) { scope throws(StoreError) in
            let query = try find.query(connection)
            defer { query.reset() }
            try query.bind(1, scope)
            isAnyStray = try !query.step()
            return !isAnyStray
        }
        return isAnyStray || !areInOrder
    }

    /// Row ids and object ids of blobs that nothing references: the count says so, which nothing
    /// authenticates, and the rows do.
    func garbage() throws(StoreError) -> [(rowID: Int, objectID: [UInt8])] {
        var blobs: [(rowID: Int, objectID: [UInt8])] = []
        try forEachRow(
            """
            SELECT id, file FROM blobs b WHERE refs = 0 \
            AND NOT EXISTS (SELECT 1 FROM objects WHERE blob = b.id) \
            AND NOT EXISTS (SELECT 1 FROM pins WHERE blob = b.id)
            """
        ) { row throws(StoreError) in
            blobs.append((Int(row.int(0)), row.bytes(1)))
        }
        return blobs
    }
}

extension CatalogWriter {
    /// Replaces a scope's row, if it is still as it was; whether it is.
    mutating func replace(
        _ old: ScopeRecord, with new: ScopeRecord
    ) throws(StoreError) -> Bool {
        guard let now = try reader.scope(rowID: old.rowID),
            now.wrappedKey == old.wrappedKey, now.code == old.code,
            now.polledMilliseconds == old.polledMilliseconds
        else { return false }
        hasWritten = true
        let key = try keyRow(for: new.currentKey)
        var statement = CatalogStatement(
            """
            UPDATE scopes SET key_setting = ?2, key = ?3, scheme = ?4, wrapped = ?5, code = ?6, \
            rewrap = ?7, poll = ?8, polled = ?9 WHERE id = ?1
            """, to: "change the scope")
        let query = try statement.query(connection)
        try query.bind(1, old.rowID)
        try query.bind(2, new.keySetting.description)
        try query.bind(3, key)
        try query.bind(4, Int(new.scheme))
        try query.bind(5, new.wrappedKey)
        try query.bind(6, new.code)
        try query.bind(7, Int(new.rewrapMode.code))
        try query.bind(8, new.pollSeconds)
        try query.bind(9, new.polledMilliseconds)
        try query.runChangingOneRow()
        forgetScopeKey(old.rowID)
        return true
    }

    /// A row id that no scope has, and that no row is said to be in: those of a scope whose row was lost
    /// must not fall to a new one.
    private mutating func freeScopeID() throws(StoreError) -> Int {
        let highest = try reader.integer(
            """
            SELECT max(ifnull((SELECT max(id) FROM scopes), 0), \
            ifnull((SELECT max(scope) FROM objects), 0), \
            ifnull((SELECT max(scope) FROM directories), 0))
            """)
        if highest < Int.max { return max(highest, 0) + 1 }
        // Only who writes the file puts one there; of as many others one is free at once.
        while true {
            let scopeID = Int.random(in: 1..<Int.max)
            let isTaken = try reader.integer(
                """
                SELECT EXISTS (SELECT 1 FROM scopes WHERE id = \(scopeID)) \
                OR EXISTS (SELECT 1 FROM objects WHERE scope = \(scopeID)) \
                OR EXISTS (SELECT 1 FROM directories WHERE scope = \(scopeID))
                """)
            if isTaken == 0 { return scopeID }
        }
    }

    /// Adds a scope; ``StoreError/Code/alreadyExists`` if there is one of that name, and
    /// ``StoreError/Code/damagedCatalog`` if it `isImplied` and objects are there of one that is lost.
    mutating func insert(_ record: ScopeRecord, isImplied: Bool) throws(StoreError) {
        guard try !reader.hasScope(named: record.name) else {
            throw StoreError(
                .alreadyExists, "the scope '\(record.name)' exists already",
                about: .scope(record.name.description), remedies: [.choose(.otherName)])
        }
        if isImplied, try reader.hasStrayObjects() { throw StoreError.lostScope(record.name) }
        let scopeID = try freeScopeID()
        hasWritten = true
        let key = try keyRow(for: record.currentKey)
        var statement = CatalogStatement(
            """
            INSERT INTO scopes (id, scope_id, name, key_setting, key, scheme, wrapped, commitment, \
            created, code, rewrap, poll, polled) \
            VALUES (?13, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """, to: "store the scope")
        let query = try statement.query(connection)
        try query.bind(1, record.scopeID)
        try query.bind(2, record.name.description)
        try query.bind(3, record.keySetting.description)
        try query.bind(4, key)
        try query.bind(5, Int(record.scheme))
        try query.bind(6, record.wrappedKey)
        try query.bind(7, record.commitment)
        try query.bind(8, record.createdMilliseconds)
        try query.bind(9, record.code)
        try query.bind(10, Int(record.rewrapMode.code))
        try query.bind(11, record.pollSeconds)
        try query.bind(12, record.polledMilliseconds)
        try query.bind(13, scopeID)
        try query.runChangingOneRow()
    }
}

/// What a catalog needs a key version for.
struct KeyNeed {
    /// How many data keys are wrapped under it: at least as many objects need them.
    var dataKeyCount = 0
    /// The name of a scope that they are in, if that scope is there.
    var dataKeyScope: String?
    /// The name of a scope whose key is wrapped under it.
    var scopeName: String?
}

extension Catalog {
    /// The row of a scope; nil if there is no such scope.
    func scopeRecord(of name: ScopeName) throws(StoreError) -> ScopeRecord? {
        try read { reader throws(StoreError) in
            try reader.scope(named: name)
        }
    }
}
