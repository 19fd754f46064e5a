internal import SluiceNative

/// What a repair looks for, and what it does.
extension SQLiteCatalog {
    func rowIDs(of table: CatalogTable) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.rowIDs(of: table) }
    }

    func objectRowIDs(inScope scope: Int) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in
            try reader.rowIDs(of: .objects, inScope: scope)
        }
    }

    func impossibleScopes() throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.impossibleScopes() }
    }

    func impossibleDirectories() throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.impossibleDirectories() }
    }

    func directories(inScope scope: Int) throws(StoreError) -> [DirectoryRow] {
        try read { reader throws(StoreError) in try reader.directories(inScope: scope) }
    }

    func wrongReferences(of table: CatalogTable) throws(StoreError) -> [BlobReference] {
        try read { reader throws(StoreError) in try reader.wrongReferences(of: table) }
    }

    func keyIdentifier(ofObject rowID: Int) throws(StoreError) -> String? {
        try read { reader throws(StoreError) in try reader.keyIdentifier(ofObject: rowID) }
    }

    func wrappedKeyRowID(ofObject rowID: Int) throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.wrappedKeyRowID(ofObject: rowID) }
    }

    func claimedPlace(
        ofRow rowID: Int, in table: CatalogTable
    ) throws(StoreError) -> ClaimedPlace {
        try read { reader throws(StoreError) in
            try reader.claimedPlace(ofRow: rowID, in: table)
        }
    }

    func insertStatement(of rowID: Int, in table: CatalogTable) throws(StoreError) -> String? {
        try read { reader throws(StoreError) in try reader.insertStatement(of: rowID, in: table) }
    }

    func deleteRow(_ rowID: Int, of table: CatalogTable) throws(StoreError) {
        try write { writer throws(StoreError) in try writer.deleteRow(rowID, of: table) }
    }

    func mend(_ reference: BlobReference) throws(StoreError) {
        try write { writer throws(StoreError) in try writer.mend(reference) }
    }

    func recount() throws(StoreError) -> Int {
        try write { writer throws(StoreError) in try writer.recount() }
    }

    func addDirectories(_ rows: [DirectoryRow], scope: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.addDirectories(rows, scope: scope)
        }
    }

    func pruneDirectory(_ directory: [UInt8], scope: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            _ = try writer.pruneDirectory(directory, scope: scope)
        }
    }
}

extension CatalogReader {
    /// Rows that lead to no bytes, to two places, or to another's.
    func wrongReferences(of table: CatalogTable) throws(StoreError) -> [BlobReference] {
        var rows: [BlobReference] = []
        try forEachRow(
            """
            SELECT o.id, o.object_id, \
            ifnull(length(o.data) = o.stored_byte_count, 0) \
            FROM \(table) o LEFT JOIN blobs b ON b.id = o.blob \
            WHERE length(o.object_id) = 16 \
            AND ((o.blob IS NULL) = (typeof(o.data) = 'null') \
            OR (o.blob IS NOT NULL AND b.file IS NOT o.object_id))
            """
        ) { row throws(StoreError) in
            rows.append(
                BlobReference(
                    table: table, rowID: Int(row.int(0)), objectID: row.bytes(1),
                    isDataWhole: row.int(2) != 0))
        }
        return rows
    }

    /// Rows of directories whose values have lengths that none can have.
    func impossibleDirectories() throws(StoreError) -> [Int] {
        var rowIDs: [Int] = []
        try forEachRow(
            """
            SELECT id FROM directories WHERE NOT ifnull(\
            length(tag) = 16 AND length(parent) = 16 AND length(revision) = 32, 0)
            """
        ) { row throws(StoreError) in rowIDs.append(Int(row.int(0))) }
        return rowIDs
    }

    /// The directories of a scope.
    func directories(inScope scope: Int) throws(StoreError) -> [DirectoryRow] {
        var rows: [DirectoryRow] = []
        try forEachRow(
            "SELECT tag, parent, revision, document, id FROM directories WHERE scope = \(scope)"
        ) { row throws(StoreError) in
            rows.append(
                DirectoryRow(
                    rowID: Int(row.int(4)), tag: row.bytes(0), parent: row.bytes(1),
                    revision: row.bytes(2), document: row.bytes(3)))
        }
        return rows
    }

    /// What the catalog calls the key version of an object's data key: nil if its wrapped key is gone, empty if
    /// the version's name is.
    func keyIdentifier(ofObject rowID: Int) throws(StoreError) -> String? {
        var identifier: String?
        try forEachRow(
            """
            SELECT ifnull(k.identifier, '') FROM objects o \
            JOIN wrapped_keys w ON w.id = o.wrapped_key LEFT JOIN keys k ON k.id = w.key \
            WHERE o.id = \(rowID)
            """
        ) { row throws(StoreError) in identifier = row.text(0) }
        return identifier
    }

    func wrappedKeyRowID(ofObject rowID: Int) throws(StoreError) -> Int {
        try integer("SELECT wrapped_key FROM objects WHERE id = \(rowID)")
    }

    func claimedPlace(
        ofRow rowID: Int, in table: CatalogTable
    ) throws(StoreError) -> ClaimedPlace {
        var place = ClaimedPlace()
        guard table == .objects || table == .pins else { return place }
        let rest = table == .objects ? "scope, directory" : "0, NULL"
        try forEachRow(
            // Of what is longer than an id, enough to see that it is none.
            "SELECT substr(object_id, 1, 17), \(rest) FROM \(table) WHERE id = \(rowID)"
        ) { row throws(StoreError) in
            place = ClaimedPlace(
                objectID: row.bytes(0), scope: Int(row.int(1)), directory: row.bytes(2))
        }
        return place
    }

    /// The statement that would put a row back as it is; nil if there is none.
    func insertStatement(of rowID: Int, in table: CatalogTable) throws(StoreError) -> String? {
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
    /// Removes a row, which nothing is counted for.
    mutating func deleteRow(_ rowID: Int, of table: CatalogTable) throws(StoreError) {
        hasWritten = true
        try run("DELETE FROM \(table) WHERE id = \(rowID)")
    }

    /// Leads a row to the bytes that bear its object id.
    mutating func mend(_ reference: BlobReference) throws(StoreError) {
        hasWritten = true
        let (table, rowID) = (reference.table, reference.rowID)
        if reference.isDataWhole {
            try run("UPDATE \(table) SET blob = NULL WHERE id = \(rowID)")
            return
        }
        let blob = try blobRow(ofFile: reference.objectID)
        try run("UPDATE \(table) SET data = NULL, blob = \(blob) WHERE id = \(rowID)")
    }

    /// Runs a statement without parameters, and says how many rows it changed. For what is rare.
    @discardableResult
    private mutating func run(_ sql: String) throws(StoreError) -> Int {
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
        if try reader.miscountedKeyCount() != 0 {
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
