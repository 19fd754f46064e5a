internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is asked of `pins`. What can't have been written by a store is refused.
struct PinQueries: Sendable {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

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

    func count() throws(StoreError) -> Int { try connection.integer("SELECT count(*) FROM pins") }

    func isAnyThere() throws(StoreError) -> Bool {
        try connection.integer("SELECT EXISTS (SELECT 1 FROM pins)") != 0
    }

    /// The ids of the pins, the oldest first.
    func ids() throws(StoreError) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        try connection.forEachRow("SELECT pin_id FROM pins ORDER BY id") { row throws(StoreError) in
            ids.append(row.bytes(0))
        }
        return ids
    }
}
