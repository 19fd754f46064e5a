internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// A row of the catalog's `pins` (FORMAT section 8).
struct PinRow: Sendable {
    var rowID = 0
    var pinID: [UInt8]
    var objectID: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    /// `blobs.id`; nil if the bytes are in the row.
    var blobRowID: Int?
    /// The object's keys, sealed.
    var keys: [UInt8]
    var document: [UInt8]
    var data: [UInt8]?

    func binding(in scope: Scope) -> PinBinding {
        PinBinding(
            storeID: scope.storeID, scopeID: scope.record.scopeID, pinID: pinID,
            objectID: objectID, revision: revision, byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            commitment: commitment, tableDigest: tableDigest)
    }
}

extension CatalogReader {
    /// The pins, oldest first; only that with this id or in this row, if one is given. Their bytes are
    /// left out, if `withData` is false.
    func pins(
        _ pinID: [UInt8]? = nil, rowID: Int? = nil, withData: Bool
    ) throws(StoreError) -> [PinRow] {
        var statement = CatalogStatement(
            """
            SELECT p.id, p.pin_id, p.object_id, p.revision, p.byte_count, p.stored_byte_count, \
            p.chunk_exponent, p.codec, p.table_digest, p.commitment, p.blob, p.keys, p.document, \
            \(withData ? "p.data" : "NULL"), b.file \
            FROM pins p LEFT JOIN blobs b ON b.id = p.blob \
            WHERE (?1 IS NULL OR p.pin_id = ?1) AND (?2 IS NULL OR p.id = ?2) ORDER BY p.id
            """, to: "look up pins")
        let query = try statement.query(connection)
        defer { query.reset() }
        try query.bind(1, pinID)
        if let rowID { try query.bind(2, rowID) }
        var rows: [PinRow] = []
        while try query.step() { rows.append(try Self.decodePin(query.statement)) }
        return rows
    }

    private static func decodePin(_ statement: Statement) throws(StoreError) -> PinRow {
        guard
            let exponent = UInt8(exactly: statement.int(6)),
            let chunkSize = ChunkSize(exponent: exponent),
            let code = UInt8(exactly: statement.int(7)), let codec = Codec(rawValue: code),
            statement.isNull(8) == (codec == .raw),
            let byteCount = Int(exactly: statement.int(4)),
            ChunkLayout(byteCount: byteCount, chunkSize: chunkSize) != nil,
            let storedByteCount = Int(exactly: statement.int(5)), storedByteCount >= 0
        else { throw damagedPin }
        let row = PinRow(
            rowID: Int(statement.int(0)), pinID: statement.bytes(1), objectID: statement.bytes(2),
            revision: statement.bytes(3), byteCount: byteCount, storedByteCount: storedByteCount,
            chunkSize: chunkSize, codec: codec,
            tableDigest: statement.isNull(8) ? nil : statement.bytes(8),
            commitment: statement.bytes(9),
            blobRowID: statement.isNull(10) ? nil : Int(statement.int(10)),
            keys: statement.bytes(11), document: statement.bytes(12),
            data: statement.isNull(13) ? nil : statement.bytes(13))
        // Only with these lengths is a row's binding the encoding of no other row.
        guard row.pinID.count == Format.identifierByteCount,
            row.objectID.count == Format.identifierByteCount,
            row.revision.count == Format.revisionByteCount,
            row.commitment.count == Format.commitmentByteCount,
            row.tableDigest.map({ $0.count == Format.commitmentByteCount }) != false,
            row.blobRowID == nil || statement.bytes(14) == row.objectID
        else { throw damagedPin }
        return row
    }

    private static var damagedPin: StoreError {
        StoreError(
            .integrity, "the catalog holds a pin with impossible values", remedies: [.restoreBackup]
        )
    }
}

extension CatalogWriter {
    /// Adds a pin of an object, if the object is still in that row under that id; whether it is.
    mutating func insert(_ pin: PinRow, objectRowID: Int) throws(StoreError) -> Bool {
        guard let found = try reader.objectWithContent(rowID: objectRowID),
            found.row.objectID == pin.objectID
        else { return false }
        hasWritten = true
        if let blob = found.row.blobRowID {
            var retain = CatalogStatement(
                "UPDATE blobs SET refs = refs + 1 WHERE id = ?1", to: "pin the object's bytes")
            let query = try retain.query(connection)
            try query.run(rowID: blob)
            try query.requireOneChangedRow()
        }
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
        return true
    }

    /// Removes the pin with this id; whether there was one.
    mutating func removePin(_ pinID: [UInt8]) throws(StoreError) -> Bool {
        guard let pin = try reader.pins(pinID, withData: false).first else { return false }
        hasWritten = true
        var statement = CatalogStatement("DELETE FROM pins WHERE id = ?1", to: "remove the pin")
        let query = try statement.query(connection)
        try query.run(rowID: pin.rowID)
        try query.requireOneChangedRow()
        if let blob = pin.blobRowID { try releaseBlob(blob) }
        return true
    }
}
