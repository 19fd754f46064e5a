internal import SluiceAccess
internal import SluiceNative

/// The writer's side of `scopes`.
struct ScopeTable: Sendable {
    /// Replaces the row of a scope, which is there, but for what is set once. `key` is its current version's row in
    /// `keys`.
    func update(
        _ old: ScopeRecord, to new: ScopeRecord, key: Int, _ connection: Connection
    ) throws(StoreError) {
        var statement = CatalogStatement(
            """
            UPDATE scopes SET key_setting = ?2, key = ?3, scheme = ?4, wrapped = ?5, code = ?6, \
            rewrap = ?7, poll = ?8, polled = ?9, versions = ?10, retention = ?11, data_keys = ?12, \
            identity = ?13 WHERE id = ?1
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
        try query.bind(10, new.retention.keepsVersions ? 1 : 0)
        try query.bind(11, new.retention.removedSeconds)
        try query.bind(12, Int(new.wrapping.scheme))
        try query.bind(13, new.identityText)
        try query.runChangingOneRow()
    }

    /// Adds a scope, in a row that was free (``freeRowID(_:)``).
    func insert(
        _ record: ScopeRecord, rowID: Int, key: Int, _ connection: Connection
    ) throws(StoreError) {
        var statement = CatalogStatement(
            """
            INSERT INTO scopes (id, scope_id, name, key_setting, key, scheme, wrapped, commitment, \
            created, code, rewrap, poll, polled, versions, retention, data_keys, identity) \
            VALUES (?13, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?14, ?15, ?16, ?17)
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
        try query.bind(13, rowID)
        try query.bind(14, record.retention.keepsVersions ? 1 : 0)
        try query.bind(15, record.retention.removedSeconds)
        try query.bind(16, Int(record.wrapping.scheme))
        try query.bind(17, record.identityText)
        try query.runChangingOneRow()
    }

    /// Removes a scope's row, and notes that it was, and which vaults may know it.
    func delete(_ record: ScopeRecord, vaults: Set<String>, _ connection: Connection)
        throws(StoreError)
    {
        var note = CatalogStatement(
            "INSERT OR REPLACE INTO removed_scopes (id, scope_id, vaults, emptied) VALUES (?1, ?2, ?3, 0)",
            to: "remove the scope")
        let query = try note.query(connection)
        try query.bind(1, record.rowID)
        try query.bind(2, record.scopeID)
        try query.bind(3, vaults.sorted().joined(separator: " "))
        try query.runChangingOneRow()
        var delete = CatalogStatement("DELETE FROM scopes WHERE id = ?1", to: "remove the scope")
        try delete.query(connection).runChangingOneRow(rowID: record.rowID)
    }

    /// A row id that no scope has, and that no row is said to be in: those of a scope whose row was lost
    /// must not fall to a new one.
    func freeRowID(_ connection: Connection) throws(StoreError) -> Int {
        let highest = try connection.integer(
            """
            SELECT max(ifnull((SELECT max(id) FROM scopes), 0), \
            ifnull((SELECT max(id) FROM removed_scopes), 0), \
            ifnull((SELECT max(scope) FROM objects), 0), \
            ifnull((SELECT max(encryption) FROM objects), 0), \
            ifnull((SELECT max(scope) FROM parts), 0), \
            ifnull((SELECT max(encryption) FROM parts), 0), \
            ifnull((SELECT max(scope) FROM states), 0), \
            ifnull((SELECT max(scope) FROM directories), 0))
            """)
        if highest < Int.max { return max(highest, 0) + 1 }
        // Only who writes the file puts one there; of as many others one is free at once.
        while true {
            let scopeID = Int.random(in: 1..<Int.max)
            let isTaken = try connection.integer(
                """
                SELECT EXISTS (SELECT 1 FROM scopes WHERE id = \(scopeID)) \
                OR EXISTS (SELECT 1 FROM removed_scopes WHERE id = \(scopeID)) \
                OR EXISTS (SELECT 1 FROM objects WHERE \(scopeID) IN (scope, encryption)) \
                OR EXISTS (SELECT 1 FROM parts WHERE \(scopeID) IN (scope, encryption)) \
                OR EXISTS (SELECT 1 FROM states WHERE scope = \(scopeID)) \
                OR EXISTS (SELECT 1 FROM directories WHERE scope = \(scopeID))
                """)
            if isTaken == 0 { return scopeID }
        }
    }
}
