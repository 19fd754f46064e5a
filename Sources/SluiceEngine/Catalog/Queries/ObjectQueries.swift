internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is asked of `objects`, each row with its wrapped key. What can't have been written by a store is refused.
struct ObjectQueries: Sendable {
    private let connection: Connection
    private var keyNames: KeyNameQuery

    private static let join = "FROM objects o LEFT JOIN wrapped_keys w ON w.id = o.wrapped_key"
    private static let select = "SELECT \(CatalogSchema.objectColumns) \(join)"
    private static let selectWithContent = """
        SELECT \(CatalogSchema.objectColumns), b.file, o.data \(join) \
        LEFT JOIN blobs b ON b.id = o.blob
        """

    private var find = CatalogStatement(
        "\(select) WHERE o.scope = ?1 AND o.tag = ?2",
        to: "look up an object")
    private var findWithContent = CatalogStatement(
        "\(selectWithContent) WHERE o.scope = ?1 AND o.tag = ?2", to: "look up an object")
    private var findKnown = CatalogStatement(
        "\(select) WHERE o.id = ?1 AND o.scope = ?2",
        to: "look up an object")
    private var findKnownWithContent = CatalogStatement(
        "\(selectWithContent) WHERE o.id = ?1 AND o.scope = ?2", to: "look up an object")
    // The plus keeps SQLite from an index on the scope, whose rows it would sort at every step.
    private var findAfter = CatalogStatement(
        "SELECT id FROM objects WHERE id > ?2 AND +scope = ?1 ORDER BY id LIMIT 1",
        to: "read the catalog")
    private var findByRowWithContent = CatalogStatement(
        "\(selectWithContent) WHERE o.id = ?1", to: "look up an object")
    private var findByRow = CatalogStatement(
        "\(select) WHERE o.id = ?1 AND o.scope = ?2", to: "look up an object")
    private var findByDirectory = CatalogStatement(
        "\(select) WHERE \(inDirectory)", to: "list a directory")
    private var findByDirectoryWithContent = CatalogStatement(
        "\(selectWithContent) WHERE \(inDirectory)", to: "list a directory")
    private var findRowIDs = CatalogStatement(
        "SELECT o.id FROM objects o WHERE \(inDirectory)", to: "list a directory")
    private var findDue = CatalogStatement(
        "SELECT due FROM objects WHERE id = ?1", to: "look up an object")
    private var findMoment = CatalogStatement(
        "SELECT wall_seconds, boot_seconds, boot FROM moments", to: "look at the clock")
    /// The index on the directory has its entries in the order of rows: nothing is sorted.
    private static let inDirectory = """
        o.scope = ?1 AND o.directory = ?2 AND o.id > ?3 ORDER BY o.id LIMIT ?4
        """

    init(_ connection: Connection, _ keyNames: KeyNameQuery) {
        self.connection = connection
        self.keyNames = keyNames
    }

    // MARK: One object

    /// The object with this tag.
    mutating func object(scope: Int, tag: [UInt8]) throws(StoreError) -> ObjectRow? {
        let query = try find.query(connection)
        defer { query.reset() }
        return try query.find(scope, tag) ? try decode(query.statement) : nil
    }

    /// The object with this tag, and where its bytes are.
    mutating func objectWithContent(
        scope: Int, tag: [UInt8]
    ) throws(StoreError) -> FoundObject? {
        let query = try findWithContent.query(connection)
        defer { query.reset() }
        return try query.find(scope, tag) ? try decodeWithContent(query.statement) : nil
    }

    /// Whether this row is there still, the same to the byte.
    mutating func isThere(
        _ row: borrowing ObjectRow, scope: Int
    ) throws(StoreError) -> Bool {
        let query = try findKnown.query(connection)
        defer { query.reset() }
        return try query.find(row, scope)
    }

    /// Where the bytes of this row's object are; nil unless it is there likewise.
    mutating func content(
        ifThere row: borrowing ObjectRow, scope: Int
    ) throws(StoreError) -> BlobContent? {
        let query = try findKnownWithContent.query(connection)
        defer { query.reset() }
        guard try query.find(row, scope) else { return nil }
        return try decodeContent(query.statement, of: row)
    }

    /// The first row of an object with a row id above `rowID`: a way through all.
    mutating func nextRow(scope: Int, afterRow rowID: Int) throws(StoreError) -> Int? {
        let query = try findAfter.query(connection)
        try query.bind(1, scope)
        try query.bind(2, rowID)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : nil
    }

    /// The object in this row, and where its bytes are.
    mutating func objectWithContent(rowID: Int) throws(StoreError) -> FoundObject? {
        let query = try findByRowWithContent.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        return try query.step() ? try decodeWithContent(query.statement) : nil
    }

    /// The object in this row, whichever it is by now.
    mutating func object(scope: Int, rowID: Int) throws(StoreError) -> ObjectRow? {
        let query = try findByRow.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, scope)
        defer { query.reset() }
        return try query.step() ? try decode(query.statement) : nil
    }

    /// The objects in these rows, likewise, as they are at one instant.
    mutating func objects(scope: Int, rowIDs: [Int]) throws(StoreError) -> [ObjectRow?] {
        do throws(CatalogFailure) {
            return try connection.readTransaction { () throws(CatalogFailure) in
                var rows: [ObjectRow?] = []
                rows.reserveCapacity(rowIDs.count)
                do throws(StoreError) {
                    for rowID in rowIDs { rows.append(try object(scope: scope, rowID: rowID)) }
                } catch {
                    throw .store(error)
                }
                return rows
            }
        } catch {
            throw error.storeError("look up objects")
        }
    }

    // MARK: Pages

    /// The next objects of a directory, in the order of their rows; fewer than `limit` are the last.
    mutating func objects(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectRow] {
        let query = try findByDirectory.query(connection)
        try query.bind(scope: scope, directory, afterRow: rowID, limit: limit)
        return try query.rows { row throws(StoreError) in try decode(row) }
    }

    /// The numbers of a directory's next rows, which its index has: no row is read.
    mutating func rowIDs(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int] {
        let query = try findRowIDs.query(connection)
        try query.bind(scope: scope, directory, afterRow: rowID, limit: limit)
        return try query.rowIDs()
    }

    /// The next objects of a directory, likewise, and where their bytes are.
    mutating func objectsWithContent(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [FoundObject] {
        let query = try findByDirectoryWithContent.query(connection)
        try query.bind(scope: scope, directory, afterRow: rowID, limit: limit)
        return try query.rows { row throws(StoreError) in try decodeWithContent(row) }
    }

    /// The rows that have this object id, found by a walk through all rows.
    func rowIDs(ofObject objectID: [UInt8], scope: Int) throws(StoreError) -> [Int] {
        var statement = CatalogStatement(
            "SELECT id FROM objects WHERE scope = ?1 AND object_id = ?2", to: "look up an object")
        let query = try statement.query(connection)
        try query.bind(1, scope)
        try query.bind(2, objectID)
        return try query.rowIDs()
    }

    /// The objects and the bytes of a scope, if some of the store's are sealed for another scope than their own; else nil.
    func count(scope: Int) throws(StoreError) -> ObjectCount? {
        let isAnyElsewhere = try connection.integer(
            "SELECT EXISTS (SELECT 1 FROM objects WHERE encryption IS NOT NULL)")
        guard isAnyElsewhere != 0 else { return nil }
        var count = ObjectCount()
        try connection.forEachRow("SELECT byte_count FROM objects WHERE scope = \(scope)") {
            row throws(StoreError) in count.add(objects: 1, bytes: row.count(0))
        }
        return count
    }

    /// When the catalog says that an object goes for good.
    mutating func dueMilliseconds(rowID: Int) throws(StoreError) -> Int? {
        let query = try findDue.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        guard try query.step(), !query.statement.isNull(0) else { return nil }
        return Int(query.statement.int(0))
    }

    /// The moment by which a clock is believed.
    mutating func notedMoment() throws(StoreError) -> BootMoment? {
        let query = try findMoment.query(connection)
        defer { query.reset() }
        guard try query.step() else { return nil }
        let row = query.statement
        return BootMoment(
            wallSeconds: Int(row.int(0)), secondsSinceBoot: Int(row.int(1)), boot: row.text(2))
    }

    /// A page of objects in the order of their rows, as far as it can be told without keys.
    mutating func objectIDs(
        scope: Int, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry] {
        var entries: [(id: [UInt8], byteCount: Int, stored: Int, key: Int, rowID: Int)] = []
        var statement = CatalogStatement(
            """
            SELECT o.object_id, o.byte_count, o.stored_byte_count, w.key, o.id \
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
            entries.append(
                (row.bytes(0), row.count(1), row.count(2), Int(row.int(3)), Int(row.int(4))))
        }
        return try entries.map { row throws(StoreError) in
            ObjectIDEntry(
                id: ObjectID(bytes: row.id), byteCount: row.byteCount,
                storedByteCount: row.stored, keyIdentifier: try keyNames.key(rowID: row.key),
                rowID: row.rowID)
        }
    }

    /// The next objects that are due before this time, in the order of their times and rows.
    func due(
        before milliseconds: Int, after last: DueObject?, limit: Int
    ) throws(StoreError) -> [DueObject] {
        var statement = CatalogStatement(
            """
            SELECT id, scope, due FROM objects WHERE due < ?1 AND (due, id) > (?2, ?3) \
            AND typeof(due) = 'integer' ORDER BY due, id LIMIT ?4
            """, to: "look for what is due")
        let query = try statement.query(connection)
        defer { query.reset() }
        try query.bind(1, milliseconds)
        try query.bind(2, last?.dueMilliseconds ?? Int.min)
        try query.bind(3, last?.rowID ?? Int.min)
        try query.bind(4, limit)
        var due: [DueObject] = []
        while try query.step() {
            let row = query.statement
            due.append(
                DueObject(
                    rowID: Int(row.int(0)), scope: Int(row.int(1)),
                    dueMilliseconds: Int(row.int(2))))
        }
        return due
    }

    // MARK: Decoding

    mutating func decode(_ statement: Statement) throws(StoreError) -> ObjectRow {
        guard
            let exponent = UInt8(exactly: statement.int(7)),
            let chunkSize = ChunkSize(exponent: exponent),
            let code = UInt8(exactly: statement.int(8)), let codec = Codec(rawValue: code),
            statement.isNull(9) == (codec == .raw),
            let byteCount = Int(exactly: statement.int(5)),
            ChunkLayout(byteCount: byteCount, chunkSize: chunkSize) != nil,
            let storedByteCount = Int(exactly: statement.int(6)), storedByteCount >= 0,
            let scheme = UInt8(exactly: statement.int(14)),
            KeyWrapping(scheme: scheme) != nil, !statement.isNull(16)
        else { throw CatalogFault.impossible("holds an object row with impossible values") }
        let keyRowID = Int(statement.int(15))
        let key = try keyNames.key(rowID: keyRowID)
        let row = ObjectRow(
            rowID: Int(statement.int(0)), tag: statement.bytes(1), directory: statement.bytes(2),
            objectID: statement.bytes(3), revision: statement.bytes(4), byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            tableDigest: statement.isNull(9) ? nil : statement.bytes(9),
            commitment: statement.bytes(10), wrappedKeyRowID: Int(statement.int(11)),
            blobRowID: statement.isNull(12) ? nil : Int(statement.int(12)),
            document: statement.bytes(13),
            wrapped: WrappedKey(
                scheme: scheme, key: key, bytes: statement.bytes(16)),
            keyRowID: keyRowID, entityTag: statement.bytes(17),
            metadata: statement.isNull(18) ? nil : statement.bytes(18),
            encryptionRowID: statement.isNull(19) ? nil : Int(statement.int(19)))
        // Only with these lengths is a row's binding the encoding of no other row.
        guard row.tag.count == Format.identifierByteCount,
            row.directory.count == Format.identifierByteCount,
            row.objectID.count == Format.identifierByteCount,
            row.entityTag.count == Format.identifierByteCount,
            row.metadata.map({ $0.count > Format.metadataSaltByteCount + Format.tagByteCount })
                != false,
            row.revision.count == Format.revisionByteCount,
            row.commitment.count == Format.commitmentByteCount,
            row.tableDigest.map({ $0.count == Format.commitmentByteCount }) != false,
            row.wrapped.bytes.count <= Int(UInt16.max)
        else {
            throw CatalogFault.impossible("holds an object row with fields of impossible lengths")
        }
        return row
    }

    mutating func decodeWithContent(
        _ statement: Statement
    ) throws(StoreError) -> FoundObject {
        let row = try decode(statement)
        return FoundObject(row: row, content: try decodeContent(statement, of: row))
    }

    func decodeContent(
        _ statement: Statement, of row: borrowing ObjectRow
    ) throws(StoreError) -> BlobContent {
        guard statement.isNull(21) == (row.blobRowID != nil) else {
            throw CatalogFault.impossible(
                "holds an object with its bytes in two places, or in none")
        }
        if row.blobRowID == nil { return .inline(statement.bytes(21)) }
        guard !statement.isNull(20) else {
            throw CatalogFault.impossible("holds an object without content")
        }
        guard statement.holds(row.objectID, in: 20) else {
            throw CatalogFault.impossible("holds an object whose blob is another's")
        }
        return .file
    }
}

extension CatalogQuery {
    /// Whether there is an object with this tag; its row is the current one then.
    fileprivate func find(_ scope: Int, _ tag: [UInt8]) throws(StoreError) -> Bool {
        try bind(1, scope)
        try bind(2, tag)
        return try step()
    }

    /// Whether this row is there still, the same to the byte. Nothing is copied.
    fileprivate func find(
        _ row: borrowing ObjectRow, _ scope: Int
    ) throws(StoreError) -> Bool {
        try bind(1, row.rowID)
        try bind(2, scope)
        return try step() && row.isRow(statement)
    }
}

extension ObjectRow {
    /// Whether a statement's current row is this one, column by column.
    func isRow(_ statement: Statement) -> Bool {
        rowID == statement.int(0)
            && statement.holds(tag, in: 1)
            && statement.holds(directory, in: 2)
            && statement.holds(objectID, in: 3)
            && statement.holds(revision, in: 4)
            && byteCount == statement.int(5)
            && storedByteCount == statement.int(6)
            && chunkSize.exponent == statement.int(7)
            && codec.rawValue == statement.int(8)
            && statement.holds(tableDigest, in: 9)
            && statement.holds(commitment, in: 10)
            && wrappedKeyRowID == statement.int(11)
            && (blobRowID.map { $0 == statement.int(12) } ?? statement.isNull(12))
            && statement.holds(document, in: 13)
            && wrapped.scheme == statement.int(14)
            && keyRowID == statement.int(15)
            && statement.holds(wrapped.bytes, in: 16)
            && statement.holds(entityTag, in: 17)
            && statement.holds(metadata, in: 18)
            && (encryptionRowID.map { $0 == statement.int(19) } ?? statement.isNull(19))
    }
}

extension Statement {
    fileprivate func holds(_ bytes: [UInt8]?, in column: Int32) -> Bool {
        guard let bytes else { return isNull(column) }
        return !isNull(column) && holds(bytes, in: column)
    }
}
