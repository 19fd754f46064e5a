internal import SluiceFormat
internal import SluiceNative

/// What is asked of `parts` and `extents`. What can't have been written by a store is refused.
struct PartQueries: Sendable {
    private let connection: Connection
    private var findParts = CatalogStatement(
        """
        SELECT p.id, p.tag, p.part, p.object_id, p.stored_byte_count, p.revision, p.created, p.keys, \
        p.document, b.file, p.encryption FROM parts p LEFT JOIN blobs b ON b.id = p.blob \
        WHERE p.scope = ?1 AND p.tag = ?2 ORDER BY p.id
        """, to: "look up the parts")

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// The uncommitted parts of a name, in the order in which they were put.
    mutating func parts(scope: Int, tag: [UInt8]) throws(StoreError) -> [PartRow] {
        let query = try findParts.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, tag)
        var parts: [PartRow] = []
        while try query.step() {
            let row = query.statement
            let part = PartRow(
                rowID: Int(row.int(0)), tag: row.bytes(1), part: row.bytes(2),
                blobID: row.bytes(3), storedByteCount: row.count(4), revision: row.bytes(5),
                createdMilliseconds: Int(row.int(6)), keys: row.bytes(7), document: row.bytes(8),
                encryptionRowID: row.isNull(10) ? nil : Int(row.int(10)))
            // Only with these lengths is a row's binding the encoding of no other row.
            guard part.part.count == Format.identifierByteCount,
                part.blobID.count == Format.identifierByteCount,
                part.revision.count == Format.revisionByteCount, row.bytes(9) == part.blobID
            else { throw CatalogFault.impossible("holds a part with impossible values") }
            parts.append(part)
        }
        return parts
    }

    /// The row ids of scopes under whose keys there are tables of extents; 0 for one that isn't there. Looks at every
    /// object and pin.
    func scopesWithExtents() throws(StoreError) -> [Int] {
        var scopes: [Int] = []
        try connection.forEachRow(
            """
            SELECT scope FROM objects WHERE codec = \(Codec.extents.rawValue) UNION \
            SELECT coalesce((SELECT id FROM scopes WHERE name = '\(ScopeName.pins)'), 0) \
            WHERE EXISTS (SELECT 1 FROM pins WHERE codec = \(Codec.extents.rawValue))
            """
        ) { row throws(StoreError) in scopes.append(Int(row.int(0))) }
        return scopes
    }

    /// The blobs that the object of extents in a row of a table references.
    func extents(
        of table: CatalogTable, rowID: Int
    ) throws(StoreError) -> [ExtentBasis.Reference] {
        try references(
            """
            SELECT b.file, e.stored_byte_count FROM \(table) o JOIN extents e ON e.manifest = o.blob \
            LEFT JOIN blobs b ON b.id = e.blob WHERE o.id = \(rowID)
            """)
    }

    /// The blobs that the table of extents in this blob references.
    func extents(ofManifest rowID: Int) throws(StoreError) -> [ExtentBasis.Reference] {
        try references(
            """
            SELECT b.file, e.stored_byte_count FROM extents e LEFT JOIN blobs b ON b.id = e.blob \
            WHERE e.manifest = \(rowID)
            """)
    }

    private func references(_ sql: String) throws(StoreError) -> [ExtentBasis.Reference] {
        var references: [ExtentBasis.Reference] = []
        try connection.forEachRow(sql) { row throws(StoreError) in
            references.append(
                ExtentBasis.Reference(blobID: row.bytes(0), storedByteCount: row.count(1)))
        }
        return references
    }
}
