internal import SluiceFormat
internal import SluiceNative

/// The writer's side of `pins`.
struct PinTable: Sendable {
    /// Adds a pin of an object, whose bytes are its own row's or in a blob.
    func insert(
        _ pin: PinRow, of found: FoundObject, _ connection: Connection
    ) throws(StoreError) {
        var statement = CatalogStatement(
            """
            INSERT INTO pins (pin_id, object_id, revision, byte_count, stored_byte_count, \
            chunk_exponent, codec, table_digest, commitment, blob, keys, document, data) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """, to: "store the pin")
        let query = try statement.query(connection)
        try query.bind(1, pin.pinID)
        try query.bind(2, pin.objectID)
        try query.bind(3, pin.revision)
        try query.bind(4, pin.byteCount)
        try query.bind(5, pin.storedByteCount)
        try query.bind(6, Int(pin.chunkSize.exponent))
        try query.bind(7, Int(pin.codec.rawValue))
        try query.bind(8, pin.tableDigest)
        try query.bind(9, pin.commitment)
        if let blob = found.row.blobRowID { try query.bind(10, blob) }
        try query.bind(11, pin.keys)
        try query.bind(12, pin.document)
        if case .inline(let bytes) = found.content { try query.bind(13, bytes) }
        try query.runChangingOneRow()
    }

    func delete(rowID: Int, _ connection: Connection) throws(StoreError) {
        var statement = CatalogStatement("DELETE FROM pins WHERE id = ?1", to: "remove the pin")
        try statement.query(connection).runChangingOneRow(rowID: rowID)
    }
}
