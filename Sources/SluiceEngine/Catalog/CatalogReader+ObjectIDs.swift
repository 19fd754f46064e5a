internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

extension CatalogReader {
    /// The row of the object with this id, found by a walk through all rows.
    func rowID(ofObject objectID: [UInt8], scope: Int) throws(StoreError) -> Int? {
        var statement = CatalogStatement(
            "SELECT id FROM objects WHERE scope = ?1 AND object_id = ?2", to: "look up an object")
        let query = try statement.query(connection)
        try query.bind(1, scope)
        try query.bind(2, objectID)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : nil
    }

    /// A page of objects in the order of their rows, as far as it can be told without keys.
    mutating func objectIDs(
        scope: Int, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry] {
        var entries: [(entry: [UInt8], byteCount: Int, stored: Int, key: Int)] = []
        var statement = CatalogStatement(
            """
            SELECT o.object_id, o.byte_count, o.stored_byte_count, w.key \
            FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key \
            WHERE o.id > ?2 AND +o.scope = ?1 ORDER BY o.id LIMIT ?3
            """, to: "list objects")
        let query = try statement.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, rowID)
        try query.bind(3, limit)
        while try query.step() {
            let row = query.statement
            entries.append((row.bytes(0), row.count(1), row.count(2), Int(row.int(3))))
        }
        return try entries.map { row throws(StoreError) in
            ObjectIDEntry(
                id: EntityTag(objectID: row.entry), byteCount: row.byteCount,
                storedByteCount: row.stored, keyIdentifier: try key(rowID: row.key))
        }
    }
}
