internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Scopes.
extension SQLiteCatalog {
    func scopes() throws(StoreError) -> [ScopeRecord] {
        try read { reader throws(StoreError) in try reader.scopes() }
    }

    func scope(named name: ScopeName) throws(StoreError) -> ScopeRecord? {
        try read { reader throws(StoreError) in try reader.scope(named: name) }
    }

    func standing(
        ofScope rowID: Int, under keyRowID: Int
    ) throws(StoreError) -> ScopeStanding {
        try read { reader throws(StoreError) in
            try reader.standing(ofScope: rowID, under: keyRowID)
        }
    }

    func hasStrayObjects() throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.hasStrayObjects() }
    }

    func vaultsInUse() throws(StoreError) -> Set<String> {
        try read { reader throws(StoreError) in try reader.vaultsInUse() }
    }

    func add(
        _ record: ScopeRecord, isImplied: Bool, needs: Set<KeyUse>
    ) throws(StoreError) {
        try write { writer throws(StoreError) in
            writer.need(needs)
            try writer.insert(record, isImplied: isImplied)
        }
    }

    func replace(
        _ old: ScopeRecord, with new: ScopeRecord, needs: Set<KeyUse>
    ) throws(StoreError) -> Bool {
        try write { writer throws(StoreError) in
            writer.need(needs)
            return try writer.replace(old, with: new)
        }
    }
}

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
