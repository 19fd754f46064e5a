internal import SluiceAccess
internal import SluiceNative

/// How a scope is removed: its row first, which is all that its readers see, and then, in batches, what is in it.
extension CatalogWriter {
    /// Removes a scope's row, if it is still as it was; whether it is.
    mutating func remove(_ record: ScopeRecord) throws(StoreError) -> Bool {
        guard let now = try reader.scopes.scope(rowID: record.rowID),
            now.wrappedKey == record.wrappedKey, now.code == record.code
        else { return false }
        if try reader.scopes.isSealingElsewhere(rowID: record.rowID) {
            throw StoreError(
                .stillNeeded,
                "objects of other scopes, or versions of such, are sealed for the scope '\(record.name)': without it nobody could read them",
                about: .scope(record.name.description),
                remedies: [
                    .other(
                        "remove them first, or copy them for another scope; if their scope was just removed, try again"
                    )
                ])
        }
        hasWritten = true
        try scopes.delete(record, vaults: try reader.scopes.knownVaults(), connection)
        forgetScopeKey(record.rowID)
        hasLeftGarbage = true
        return true
    }

    /// Removes rows of scopes that were removed, about `limit` at most; whether there are more.
    mutating func removeContents(limit: Int) throws(StoreError) -> Bool {
        guard let removed = try firstLeft() else { return false }
        hasWritten = true
        let scope = removed.rowID
        if try removeObjects(scope: scope, limit: limit) { return true }
        // Those of other scopes that are sealed for it can't be committed any more.
        let parts = try parts.places(
            where: "\(scope) IN (scope, encryption) LIMIT \(limit)", connection)
        for part in parts { try remove(part) }
        guard parts.isEmpty else { return true }
        // What its row says of a wrapped key must not take that from objects of others.
        let unused = " AND NOT EXISTS (SELECT 1 FROM objects WHERE wrapped_key = wrapped_keys.id)"
        for (table, condition) in [("directories", ""), ("wrapped_keys", unused), ("states", "")] {
            try execute(
                """
                DELETE FROM \(table) WHERE id IN \
                (SELECT id FROM \(table) WHERE scope = \(scope)\(condition) LIMIT \(limit))
                """)
            guard connection.changedRowCount == 0 else { return true }
        }
        try execute("DELETE FROM census WHERE scope = \(scope)")
        // The row stays, so that no scope gets this row id again: somebody may hold the removed one.
        try execute("UPDATE removed_scopes SET emptied = 1 WHERE id = \(scope)")
        return try firstLeft() != nil
    }

    /// The first scope that was removed of which rows are left.
    private func firstLeft() throws(StoreError) -> RemovedScope? {
        try reader.scopes.removedScopes().first { !$0.isEmptied }
    }

    /// Notes that a vault has forgotten a scope that was removed.
    mutating func noteForgotten(inVault vault: String, removedScope rowID: Int) throws(StoreError) {
        guard let removed = try reader.scopes.removedScopes().first(where: { $0.rowID == rowID })
        else { return }
        hasWritten = true
        let left = removed.vaults.filter { $0 != vault }.joined(separator: " ")
        var update = CatalogStatement(
            "UPDATE removed_scopes SET vaults = ?2 WHERE id = ?1", to: "remove the scope")
        let query = try update.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, left)
        try query.run()
    }

    /// Removes objects of a scope; whether there were any.
    private mutating func removeObjects(scope: Int, limit: Int) throws(StoreError) -> Bool {
        var rows: [RemovedObject] = []
        try connection.forEachRow(
            """
            SELECT o.id, o.blob, o.wrapped_key, w.key, o.byte_count, \
            coalesce(o.encryption, o.scope) FROM objects o \
            LEFT JOIN wrapped_keys w ON w.id = o.wrapped_key WHERE o.scope = \(scope) LIMIT \(limit)
            """
        ) { row throws(StoreError) in
            rows.append(
                RemovedObject(
                    rowID: Int(row.int(0)), blob: row.isNull(1) ? nil : Int(row.int(1)),
                    wrappedKey: Int(row.int(2)), key: row.isNull(3) ? nil : Int(row.int(3)),
                    byteCount: row.count(4), sealingScope: Int(row.int(5))))
        }
        for row in rows {
            try execute("DELETE FROM objects WHERE id = \(row.rowID)")
            if let blob = row.blob { try releaseBlob(blob) }
            guard let key = row.key else { continue }
            count(
                scope: row.sealingScope, key: key, wrappedKey: row.wrappedKey, objectCount: -1,
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
    /// The row of the scope that its data key is wrapped for.
    let sealingScope: Int
}
