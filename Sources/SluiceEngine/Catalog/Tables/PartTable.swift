internal import SluiceNative

/// The writer's side of `parts`.
struct PartTable: Sendable {
    private var insertRow = CatalogStatement(
        """
        INSERT INTO parts (scope, tag, part, object_id, blob, stored_byte_count, revision, created, \
        keys, document, encryption) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """, to: "store the part")
    private var findRow = CatalogStatement(
        "SELECT id, blob FROM parts WHERE scope = ?1 AND tag = ?2 AND part = ?3",
        to: "look up the part")
    private var findRevision = CatalogStatement(
        "SELECT revision, blob FROM parts WHERE id = ?1", to: "look up the part")
    private var deleteRow = CatalogStatement(
        "DELETE FROM parts WHERE id = ?1", to: "remove the part")

    /// A part's row, and that of its blob.
    struct Place {
        let rowID: Int
        let blob: Int
    }

    mutating func insert(
        _ part: PartRow, scope: Int, blob: Int, _ connection: Connection
    ) throws(StoreError) {
        let query = try insertRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, part.tag)
        try query.bind(3, part.part)
        try query.bind(4, part.blobID)
        try query.bind(5, blob)
        try query.bind(6, part.storedByteCount)
        try query.bind(7, part.revision)
        try query.bind(8, part.createdMilliseconds)
        try query.bind(9, part.keys)
        try query.bind(10, part.document)
        if let encryption = part.encryptionRowID { try query.bind(11, encryption) }
        try query.runChangingOneRow()
    }

    /// Where the part of this id is.
    mutating func place(
        scope: Int, tag: [UInt8], part: [UInt8], _ connection: Connection
    ) throws(StoreError) -> Place? {
        let query = try findRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, tag)
        try query.bind(3, part)
        defer { query.reset() }
        guard try query.step() else { return nil }
        return Place(rowID: Int(query.statement.int(0)), blob: Int(query.statement.int(1)))
    }

    /// Where a part is, if it is there still, the one that was looked at.
    mutating func place(
        of part: ExtentBasis.Part, _ connection: Connection
    ) throws(StoreError) -> Place? {
        let query = try findRevision.query(connection)
        try query.bind(1, part.rowID)
        defer { query.reset() }
        guard try query.step(), query.statement.bytes(0) == part.revision else { return nil }
        return Place(rowID: part.rowID, blob: Int(query.statement.int(1)))
    }

    /// Where the parts are that a condition holds for.
    func places(
        where condition: String, _ connection: Connection
    ) throws(StoreError) -> [Place] {
        var places: [Place] = []
        try connection.forEachRow("SELECT id, blob FROM parts WHERE \(condition)") {
            row throws(StoreError) in
            places.append(Place(rowID: Int(row.int(0)), blob: Int(row.int(1))))
        }
        return places
    }

    /// Where the uncommitted parts of a name are.
    func places(
        scope: Int, tag: [UInt8], _ connection: Connection
    ) throws(StoreError) -> [Place] {
        try places(
            where: "scope = \(scope) AND tag = x'\(String(hexadecimal: tag))'", connection)
    }

    mutating func delete(rowID: Int, _ connection: Connection) throws(StoreError) {
        try deleteRow.query(connection).runChangingOneRow(rowID: rowID)
    }
}
