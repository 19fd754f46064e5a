internal import SluiceNative

extension CatalogReader {
    /// The statement that would put a row back as it is; nil if there is none.
    func insertStatement(of rowID: Int, in table: String) throws(StoreError) -> String? {
        var columns: [String] = []
        try forEachRow("SELECT name FROM pragma_table_info('\(table)')") { row throws(StoreError) in
            columns.append(row.text(0))
        }
        // Whatever a row holds is kept.
        let limit = connection.limitValues(byteCount: Int.max)
        defer { connection.limitValues(byteCount: limit) }
        let values = columns.map { "quote(\($0))" }.joined(separator: " || ', ' || ")
        var statement: String?
        try forEachRow(
            "SELECT \(values) FROM \(table) WHERE id = \(rowID)"
        ) { row throws(StoreError) in
            statement = "INSERT INTO \(table) VALUES (\(row.text(0)))"
        }
        return statement
    }

    /// The row of the blob whose file bears this object id.
    func blobRowID(ofFile objectID: [UInt8]) throws(StoreError) -> Int? {
        var statement = CatalogStatement(
            "SELECT id FROM blobs WHERE file = ?1", to: "look up a blob")
        let query = try statement.query(connection)
        try query.bind(1, objectID)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : nil
    }
}

extension CatalogWriter {
    /// Runs a statement without parameters, and says how many rows it changed. For what is rare.
    @discardableResult
    mutating func run(_ sql: String) throws(StoreError) -> Int {
        var statement = CatalogStatement(sql, to: "repair the catalog")
        try statement.query(connection).run()
        return connection.changedRowCount
    }

    /// The row of the blob whose file bears this object id, made if there is none.
    mutating func blobRow(ofFile objectID: [UInt8]) throws(StoreError) -> Int {
        if let rowID = try reader.blobRowID(ofFile: objectID) { return rowID }
        var statement = CatalogStatement(
            "INSERT INTO blobs (refs, file) VALUES (1, ?1)", to: "repair the catalog")
        let query = try statement.query(connection)
        try query.bind(1, objectID)
        try query.run()
        return Int(connection.lastInsertedRowID)
    }

    /// Makes counts what the rows add up to, and says how many were not.
    mutating func recount() throws(StoreError) -> Int {
        hasWritten = true
        var count = 0
        for statement in Self.recounts { count += try run(statement) }
        if try reader.integer(Store.miscountedKeys) != 0 {
            try run("DELETE FROM census")
            count += try run(
                """
                INSERT INTO census (scope, key, objects, bytes) \
                SELECT o.scope, w.key, count(*), CAST(total(o.byte_count) AS INTEGER) \
                FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key GROUP BY o.scope, w.key
                """)
        }
        return count
    }

    private static let references = """
        SELECT blob FROM objects WHERE blob IS NOT NULL \
        UNION ALL SELECT blob FROM pins WHERE blob IS NOT NULL
        """

    private static let recounts = [
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
        max(scope) AS scope FROM objects GROUP BY wrapped_key) r \
        WHERE r.wrapped_key = wrapped_keys.id AND (wrapped_keys.objects <> r.objects \
        OR wrapped_keys.bytes <> r.bytes OR wrapped_keys.scope <> r.scope)
        """,
        """
        UPDATE wrapped_keys SET objects = 0, bytes = 0 \
        WHERE (objects <> 0 OR bytes <> 0) AND id NOT IN (SELECT wrapped_key FROM objects)
        """,
    ]
}

extension Store {
    /// Makes the catalog's counts what its rows add up to.
    func repairCounts(_ report: inout RepairReport) throws(StoreError) {
        let wrong = try catalog.read { reader throws(StoreError) in
            try reader.integer(Self.miscountedKeys) + reader.integer(Self.wrongBlobReferences)
                + reader.integer(Self.wrongWrappedKeyReferences)
        }
        guard wrong > 0 else { return }
        let count = try catalog.write { writer throws(StoreError) in try writer.recount() }
        // What was moved has changed them, too, and has been told.
        guard !report.findings.contains(where: { $0.outcome == .moved }) else { return }
        report.add("catalog", "\(count) counts were not what its rows add up to", .mended)
    }
}
