internal import SluiceAccess
internal import SluiceNative

/// How a scope is removed: its row first, which is all that its readers see, and then, in batches, what is in it.
extension CatalogWriter {
    /// Removes a scope's row, if it is still as it was; whether it is.
    mutating func remove(_ record: ScopeRecord) throws(StoreError) -> Bool {
        guard let now = try reader.scopes.scope(rowID: record.rowID),
            now.wrappedKey == record.wrappedKey, now.code == record.code
        else { return false }
        hasWritten = true
        try scopes.delete(record, connection)
        forgetScopeKey(record.rowID)
        hasLeftGarbage = true
        return true
    }

    /// Removes rows of scopes that were removed, about `limit` at most; whether there are more.
    mutating func removeContents(limit: Int) throws(StoreError) -> Bool {
        guard let removed = try reader.scopes.removedScopes().first else { return false }
        hasWritten = true
        let scope = removed.rowID
        if try removeObjects(scope: scope, limit: limit) { return true }
        let parts = try parts.places(where: "scope = \(scope) LIMIT \(limit)", connection)
        for part in parts { try remove(part) }
        guard parts.isEmpty else { return true }
        for table in ["directories", "wrapped_keys", "states"] {
            try execute(
                """
                DELETE FROM \(table) WHERE id IN \
                (SELECT id FROM \(table) WHERE scope = \(scope) LIMIT \(limit))
                """)
            guard connection.changedRowCount == 0 else { return true }
        }
        try execute("DELETE FROM census WHERE scope = \(scope)")
        // The row stays, so that no scope gets this row id again: somebody may hold the removed one.
        try execute("UPDATE removed_scopes SET vault = '' WHERE id = \(scope)")
        return try reader.scopes.removedScopes().first != nil
    }

    /// Removes objects of a scope; whether there were any.
    private mutating func removeObjects(scope: Int, limit: Int) throws(StoreError) -> Bool {
        var rows: [RemovedObject] = []
        try connection.forEachRow(
            """
            SELECT o.id, o.blob, o.wrapped_key, w.key, o.byte_count FROM objects o \
            LEFT JOIN wrapped_keys w ON w.id = o.wrapped_key WHERE o.scope = \(scope) LIMIT \(limit)
            """
        ) { row throws(StoreError) in
            rows.append(
                RemovedObject(
                    rowID: Int(row.int(0)), blob: row.isNull(1) ? nil : Int(row.int(1)),
                    wrappedKey: Int(row.int(2)), key: row.isNull(3) ? nil : Int(row.int(3)),
                    byteCount: row.count(4)))
        }
        for row in rows {
            try execute("DELETE FROM objects WHERE id = \(row.rowID)")
            if let blob = row.blob { try releaseBlob(blob) }
            guard let key = row.key else { continue }
            count(
                scope: scope, key: key, wrappedKey: row.wrappedKey, objectCount: -1,
                byteCount: -row.byteCount)
        }
        return !rows.isEmpty
    }

    private func execute(_ sql: String) throws(StoreError) {
        var statement = CatalogStatement(sql, to: "remove what was in a scope")
        try statement.query(connection).run()
    }
}

/// What a removed object's row references.
private struct RemovedObject {
    let rowID: Int
    let blob: Int?
    let wrappedKey: Int
    let key: Int?
    let byteCount: Int
}
