internal import SluiceNative

/// What a repair writes. Statements are prepared anew each time.
struct TableMender: Sendable {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Removes a row, which nothing is counted for.
    func deleteRow(_ rowID: Int, of table: CatalogTable) throws(StoreError) {
        try run("DELETE FROM \(table) WHERE id = \(rowID)")
    }

    /// Gives an object's row the tag by which it is found.
    func setTag(_ tag: [UInt8], ofObject rowID: Int) throws(StoreError) {
        try run("UPDATE objects SET tag = x'\(String(hexadecimal: tag))' WHERE id = \(rowID)")
    }

    /// Gives an object's row its encryption scope.
    func setEncryptionScope(_ scope: Int?, ofObject rowID: Int) throws(StoreError) {
        let value = scope.map { String($0) } ?? "NULL"
        try run("UPDATE objects SET encryption = \(value) WHERE id = \(rowID)")
    }

    /// Leads a row to the bytes that bear its object id.
    func mend(_ reference: BlobReference) throws(StoreError) {
        let (table, rowID) = (reference.table, reference.rowID)
        if reference.isDataWhole {
            try run("UPDATE \(table) SET blob = NULL WHERE id = \(rowID)")
            return
        }
        let blob = try blobRow(ofFile: reference.objectID)
        try run("UPDATE \(table) SET data = NULL, blob = \(blob) WHERE id = \(rowID)")
    }

    /// Notes that every table of extents was opened, and what it names is counted.
    func noteExtentsCounted() throws(StoreError) {
        try run("DELETE FROM uncounted_extents")
    }

    /// Makes counts what the rows add up to, and says how many were not.
    func recount() throws(StoreError) -> Int {
        var count = 0
        for statement in Self.recounts { count += try run(statement) }
        if try AuditQueries(connection).miscountedKeyCount() != 0 {
            try run("DELETE FROM census")
            count += try run(
                """
                INSERT INTO census (scope, key, objects, bytes) \
                SELECT coalesce(o.encryption, o.scope), w.key, count(*), \
                CAST(total(o.byte_count) AS INTEGER) \
                FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key GROUP BY 1, 2
                """)
        }
        return count
    }

    private static let references = """
        SELECT blob FROM objects WHERE blob IS NOT NULL \
        UNION ALL SELECT blob FROM pins WHERE blob IS NOT NULL \
        UNION ALL SELECT blob FROM extents UNION ALL SELECT blob FROM parts
        """

    private static let recounts = [
        """
        DELETE FROM extents WHERE manifest NOT IN (SELECT blob FROM objects WHERE blob IS NOT NULL \
        UNION ALL SELECT blob FROM pins WHERE blob IS NOT NULL) \
        AND manifest NOT IN (SELECT id FROM blobs WHERE refs = 0)
        """,
        """
        UPDATE blobs SET refs = r.count \
        FROM (SELECT blob, count(*) AS count FROM (\(references)) GROUP BY blob) r \
        WHERE r.blob = blobs.id AND refs <> r.count
        """,
        // What was counted as needed and isn't is no garbage: its file is kept as one without a row.
        "DELETE FROM blobs WHERE refs <> 0 AND id NOT IN (\(references))",
        """
        UPDATE wrapped_keys SET objects = r.objects, bytes = r.bytes, scope = r.scope \
        FROM (SELECT wrapped_key, count(*) AS objects, \
        CAST(total(byte_count) AS INTEGER) AS bytes, \
        max(coalesce(encryption, scope)) AS scope FROM objects GROUP BY wrapped_key) r \
        WHERE r.wrapped_key = wrapped_keys.id AND (wrapped_keys.objects <> r.objects \
        OR wrapped_keys.bytes <> r.bytes OR wrapped_keys.scope <> r.scope)
        """,
        """
        UPDATE wrapped_keys SET objects = 0, bytes = 0 \
        WHERE (objects <> 0 OR bytes <> 0) AND id NOT IN (SELECT wrapped_key FROM objects)
        """,
    ]

    /// The row of the blob whose file bears this object id, made if there is none.
    private func blobRow(ofFile objectID: [UInt8]) throws(StoreError) -> Int {
        if let rowID = try BlobQueries(connection).rowID(ofFile: objectID) { return rowID }
        var statement = CatalogStatement(
            "INSERT INTO blobs (refs, file) VALUES (1, ?1)", to: "repair the catalog")
        let query = try statement.query(connection)
        try query.bind(1, objectID)
        try query.run()
        return Int(connection.lastInsertedRowID)
    }

    /// Runs a statement without parameters, and says how many rows it changed.
    @discardableResult
    private func run(_ sql: String) throws(StoreError) -> Int {
        var statement = CatalogStatement(sql, to: "repair the catalog")
        try statement.query(connection).run()
        return connection.changedRowCount
    }
}
