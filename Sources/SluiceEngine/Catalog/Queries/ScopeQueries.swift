internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is asked of `scopes`. What can't have been written by a store is refused.
struct ScopeQueries: Sendable {
    private let connection: Connection
    private var keyNames: KeyNameQuery

    private var find = CatalogStatement(
        "SELECT \(columns) FROM scopes WHERE name = ?1", to: "look up a scope")
    private var findByRow = CatalogStatement(
        "SELECT \(columns) FROM scopes WHERE id = ?1", to: "look up a scope")
    private var findKey = CatalogStatement(
        "SELECT key, versions, retention, identity FROM scopes WHERE id = ?1",
        to: "look up a scope's key")

    init(_ connection: Connection, _ keyNames: KeyNameQuery) {
        self.connection = connection
        self.keyNames = keyNames
    }

    /// Every scope's row, by name.
    mutating func scopes() throws(StoreError) -> [ScopeRecord] {
        var records: [ScopeRecord] = []
        try connection.forEachRow(
            "SELECT \(Self.columns) FROM scopes ORDER BY name"
        ) { row throws(StoreError) in
            guard let record = Self.decodeScope(row) else {
                throw Self.impossibleScope
            }
            records.append(record)
        }
        for index in records.indices {
            records[index].currentKey = try keyNames.key(rowID: records[index].currentKeyRowID)
        }
        return records
    }

    /// The row of a scope; nil if there is no such scope. By the index of names, however many scopes there are.
    ///
    /// Only of one that isn't there all rows are looked at: one may be damaged, and be its row.
    mutating func scope(named name: ScopeName) throws(StoreError) -> ScopeRecord? {
        let query = try find.query(connection)
        try query.bind(1, name.description)
        if let record = try scope(query), record.name == name { return record }
        return try scopes().first { $0.name == name }
    }

    /// Scopes that were removed, of which rows are left, or which a vault may know. One that has a row wasn't, whatever is
    /// said here.
    func removedScopes() throws(StoreError) -> [RemovedScope] {
        var removed: [RemovedScope] = []
        try connection.forEachRow(
            """
            SELECT id, scope_id, vaults, emptied FROM removed_scopes \
            WHERE (vaults <> '' OR emptied = 0) AND id NOT IN (SELECT id FROM scopes) \
            AND scope_id NOT IN (SELECT scope_id FROM scopes) ORDER BY id
            """
        ) { row throws(StoreError) in
            removed.append(
                RemovedScope(
                    rowID: Int(row.int(0)), scopeID: row.bytes(1),
                    vaults: row.text(2).split(separator: " ").map(String.init),
                    isEmptied: row.int(3) != 0))
        }
        return removed
    }

    /// Whether a row has a scope's name.
    mutating func hasScope(named name: ScopeName) throws(StoreError) -> Bool {
        let query = try find.query(connection)
        try query.bind(1, name.description)
        defer { query.reset() }
        return try query.step()
    }

    /// The scope in a row; nil if there is none.
    mutating func scope(rowID: Int) throws(StoreError) -> ScopeRecord? {
        let query = try findByRow.query(connection)
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
        record.currentKey = try keyNames.key(rowID: record.currentKeyRowID)
        return record
    }

    /// Whether objects of other scopes are sealed for this one.
    func isSealingElsewhere(rowID: Int) throws(StoreError) -> Bool {
        try connection.integer(
            """
            SELECT EXISTS (SELECT 1 FROM objects WHERE encryption = \(rowID) AND scope <> \(rowID))
            """) != 0
    }

    private static var impossibleScope: StoreError {
        StoreError(
            .integrity, "the catalog holds a scope row with impossible values",
            remedies: [.restoreBackup])
    }

    /// The vaults of the keys that scopes are under now.
    mutating func vaultsInUse() throws(StoreError) -> Set<String> {
        var rowIDs: [Int] = []
        try connection.forEachRow("SELECT DISTINCT key FROM scopes") { row throws(StoreError) in
            rowIDs.append(Int(row.int(0)))
        }
        var vaults: Set<String> = []
        for rowID in rowIDs { vaults.insert(try keyNames.key(rowID: rowID).vault) }
        return vaults
    }

    /// The vaults of all keys that were ever in use.
    mutating func knownVaults() throws(StoreError) -> Set<String> {
        var identifiers: [String] = []
        try connection.forEachRow("SELECT identifier FROM keys") { row throws(StoreError) in
            identifiers.append(row.text(0))
        }
        return Set(identifiers.compactMap { try? KeyIdentifier(parsing: $0).vault })
    }

    static let columns = """
        id, scope_id, name, key_setting, key, scheme, wrapped, commitment, created, code, rewrap, \
        poll, polled, versions, retention, data_keys, identity
        """

    /// The row ids of scopes whose rows can't be ones.
    func impossibleScopes() throws(StoreError) -> [Int] {
        var rowIDs: [Int] = []
        try connection.forEachRow("SELECT \(Self.columns) FROM scopes") { row throws(StoreError) in
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
            let versions = Int(exactly: row.int(13)), 0...1 ~= versions,
            let removedSeconds = UInt32(exactly: row.int(14)),
            let dataKeyScheme = UInt8(exactly: row.int(15)),
            let wrapping = KeyWrapping(scheme: dataKeyScheme),
            case let ownIdentity = row.text(16),
            ownIdentity.utf8.count <= Format.maximumIdentityByteCount,
            Identity(objectID: ownIdentity).objectID == ownIdentity,
            row.bytes(1).count == Format.identifierByteCount,
            row.bytes(7).count == Format.commitmentByteCount,
            row.bytes(6).count <= Int(UInt16.max)
        else { return nil }
        return ScopeRecord(
            rowID: Int(row.int(0)), scopeID: row.bytes(1), name: name, keySetting: setting,
            rewrapMode: rewrapMode, pollSeconds: Int(pollSeconds),
            // Nothing authenticates it, so it may be any number: none here overflows.
            polledMilliseconds: min(max(Int(row.int(12)), 0), 1 << 53),
            retention: RetentionPolicy(
                keepsVersions: versions == 1, keepsRemovedFor: .seconds(Int64(removedSeconds))),
            wrapping: wrapping,
            ownIdentity: ownIdentity.isEmpty ? nil : Identity(objectID: ownIdentity),
            currentKey: setting,
            currentKeyRowID: Int(row.int(4)), scheme: scheme, wrappedKey: row.bytes(6),
            commitment: row.bytes(7), createdMilliseconds: Int(row.int(8)), code: row.bytes(9))
    }

    /// Whether objects are said to be in a scope that has no row.
    func hasStrayObjects() throws(StoreError) -> Bool {
        let purpose = "look for objects without a scope"
        var find = CatalogStatement(
            """
            SELECT 1 FROM scopes WHERE id = ?1 UNION ALL SELECT 1 FROM removed_scopes WHERE id = ?1
            """, to: purpose)
        for column in ["scope", "encryption"] {
            var isAnyStray = false
            let areInOrder = try connection.forEachValue(
                "SELECT min(\(column)) FROM objects WHERE \(column) >= ?1", to: purpose
            ) { scope throws(StoreError) in
                let query = try find.query(connection)
                defer { query.reset() }
                try query.bind(1, scope)
                isAnyStray = try !query.step()
                return !isAnyStray
            }
            if isAnyStray || !areInOrder { return true }
        }
        return false
    }

    /// What a scope's row says, if its key is under another version than that in a row of `keys`, if it asks as another
    /// identity, empty for the store's, or if it has another policy than `retention`, where that is asked for.
    mutating func standing(
        ofScope rowID: Int, under keyRowID: Int, as identity: String,
        _ retention: RetentionPolicy? = nil
    ) throws(StoreError) -> ScopeStanding {
        let query = try findKey.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        guard try query.step() else { return .other(nil) }
        let row = query.statement
        let hasPolicy =
            retention.map {
                row.int(1) == ($0.keepsVersions ? 1 : 0) && row.int(2) == Int64($0.removedSeconds)
            } ?? true
        if hasPolicy, Int(row.int(0)) == keyRowID, row.text(3) == identity { return .same }
        return .other(try scope(rowID: rowID))
    }
}
