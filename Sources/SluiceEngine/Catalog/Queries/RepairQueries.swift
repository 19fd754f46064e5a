internal import SluiceNative

/// What a repair asks of damaged tables.
struct RepairQueries: Sendable {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Rows that lead to no bytes, to two places, or to another's.
    func wrongReferences(of table: CatalogTable) throws(StoreError) -> [BlobReference] {
        var rows: [BlobReference] = []
        try connection.forEachRow(
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
        try connection.forEachRow(
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
        try connection.forEachRow("\(DirectoryQueries.select) WHERE scope = \(scope)") {
            row throws(StoreError) in rows.append(DirectoryQueries.row(row))
        }
        return rows
    }

    /// What holds objects of a scope, whatever the rows hold.
    func states(inScope scope: Int) throws(StoreError) -> [StateRow] {
        var rows: [StateRow] = []
        try connection.forEachRow(
            "SELECT id, tag, revision, document FROM states WHERE +scope = \(scope)"
        ) { row throws(StoreError) in
            rows.append(
                StateRow(
                    rowID: Int(row.int(0)), tag: row.bytes(1), revision: row.bytes(2),
                    document: row.bytes(3)))
        }
        return rows
    }

    /// What the catalog calls the key version of an object's data key: nil if its wrapped key is gone, empty if
    /// the version's name is.
    func keyIdentifier(ofObject rowID: Int) throws(StoreError) -> String? {
        var identifier: String?
        try connection.forEachRow(
            """
            SELECT ifnull(k.identifier, '') FROM objects o \
            JOIN wrapped_keys w ON w.id = o.wrapped_key LEFT JOIN keys k ON k.id = w.key \
            WHERE o.id = \(rowID)
            """
        ) { row throws(StoreError) in identifier = row.text(0) }
        return identifier
    }

    func wrappedKeyRowID(ofObject rowID: Int) throws(StoreError) -> Int {
        try connection.integer("SELECT wrapped_key FROM objects WHERE id = \(rowID)")
    }

    func claimedPlace(
        ofRow rowID: Int, in table: CatalogTable
    ) throws(StoreError) -> ClaimedPlace {
        var place = ClaimedPlace()
        guard table == .objects || table == .pins else { return place }
        let rest = table == .objects ? "scope, directory" : "0, NULL"
        try connection.forEachRow(
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
        try connection.forEachRow("SELECT name FROM pragma_table_info('\(table)')") {
            row throws(StoreError) in
            columns.append(row.text(0))
        }
        // Whatever a row holds is kept.
        let limit = connection.limitValues(byteCount: Int.max)
        defer { connection.limitValues(byteCount: limit) }
        let values = columns.map { "quote(\($0))" }.joined(separator: " || ', ' || ")
        var statement: String?
        try connection.forEachRow(
            "SELECT \(values) FROM \(table) WHERE id = \(rowID)"
        ) { row throws(StoreError) in
            statement = "INSERT INTO \(table) VALUES (\(row.text(0)))"
        }
        return statement
    }
}
