internal import SluiceNative

/// What the tables say of each other, and whether the database is sound. Takes time in proportion to its size.
struct AuditQueries: Sendable {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// What is wrong with the database itself, in words.
    func integrityProblems() throws(StoreError) -> [String] {
        do throws(DatabaseError) {
            return CatalogFault.descriptions(of: try connection.integrityCheck())
        } catch {
            throw StoreError(catalog: error, "check the catalog")
        }
    }

    /// Counts of the census that differ from what the rows add up to.
    func miscountedKeyCount() throws(StoreError) -> Int {
        try connection.integer(Self.miscountedKeys)
    }

    /// Rows whose count of references isn't the number of references: of blobs or of wrapped keys.
    func misreferencedRowCount(of table: CatalogTable) throws(StoreError) -> Int {
        try connection.integer(
            table == .blobs ? Self.wrongBlobReferences : Self.wrongWrappedKeyReferences)
    }

    /// Rows in a scope that isn't there.
    func strayRowCount(of table: CatalogTable) throws(StoreError) -> Int {
        try connection.integer(
            """
            SELECT count(*) FROM \(table) WHERE scope NOT IN (SELECT id FROM scopes) \
            AND scope NOT IN (SELECT id FROM removed_scopes)
            """)
    }

    /// The row ids of a table, or of the objects of one scope.
    func rowIDs(of table: CatalogTable, inScope scope: Int? = nil) throws(StoreError) -> [Int] {
        var rowIDs: [Int] = []
        // By the rows themselves, whatever an index says.
        let condition = scope.map { " WHERE +scope = \($0)" } ?? ""
        try connection.forEachRow("SELECT id FROM \(table)\(condition) ORDER BY id") {
            row throws(StoreError) in rowIDs.append(Int(row.int(0)))
        }
        return rowIDs
    }

    // By `total`, which no number overflows, and which is exact up to 2^53.
    private static let miscountedKeys = """
        SELECT count(*) FROM (
            SELECT scope, key, total(objects) AS objects, total(bytes) AS bytes FROM (
                SELECT scope, key, objects, bytes FROM census
                UNION ALL
                SELECT coalesce(o.encryption, o.scope), w.key, -1, -o.byte_count
                FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key
            ) GROUP BY scope, key
        ) WHERE objects <> 0 OR bytes <> 0
        """

    private static let wrongBlobReferences = """
        SELECT count(*) FROM (
            SELECT b.id FROM blobs b LEFT JOIN (
                SELECT blob FROM objects UNION ALL SELECT blob FROM pins
                UNION ALL SELECT blob FROM extents UNION ALL SELECT blob FROM parts
            ) r ON r.blob = b.id
            GROUP BY b.id HAVING b.refs <> count(r.blob)
        )
        """

    private static let wrongWrappedKeyReferences = """
        SELECT count(*) FROM (
            SELECT w.id FROM wrapped_keys w LEFT JOIN objects o ON o.wrapped_key = w.id
            GROUP BY w.id
            HAVING w.objects <> count(o.id) OR w.bytes <> total(o.byte_count)
                OR w.scope <> ifnull(max(coalesce(o.encryption, o.scope)), w.scope)
        )
        """
}
