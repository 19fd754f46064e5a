internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault

/// A connection for reading, with its statements. One thread at a time uses it; every method is one
/// short read transaction.
struct CatalogReader: ~Copyable, Sendable {
    let connection: Connection
    private let keyNames: KeyNames

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
    private var findByDirectory = CatalogStatement(
        "\(select) WHERE o.scope = ?1 AND o.directory = ?2",
        to: "list a directory")
    private var findDirectories = CatalogStatement(
        """
        SELECT tag, parent, revision, document FROM directories WHERE scope = ?1 AND parent = ?2
        """, to: "list a directory")
    private var findDirectory = CatalogStatement(
        "SELECT tag, parent, revision, document FROM directories WHERE scope = ?1 AND tag = ?2",
        to: "look up a directory")
    private var findScopeKey = CatalogStatement(
        "SELECT key FROM scopes WHERE id = ?1", to: "look up a scope's key")
    private var findObjectKey = CatalogStatement(
        """
        SELECT w.key, w.scheme, w.wrapped FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key \
        WHERE o.id = ?1 AND o.object_id = ?2
        """, to: "look up an object's key")
    private var findKey = CatalogStatement(
        "SELECT identifier FROM keys WHERE id = ?1", to: "look up a key version")

    init(connection: Connection, keyNames: KeyNames) {
        self.connection = connection
        self.keyNames = keyNames
    }

    // MARK: Objects

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

    /// The object with this tag: what is `known` of it, if its row is still that.
    mutating func object(
        scope: Int, tag: [UInt8], known: KnownObjects
    ) throws(StoreError) -> FoundRow? {
        if let known = known[tag] {
            let query = try findKnown.query(connection)
            defer { query.reset() }
            if try query.find(known, scope) { return .known(known) }
        }
        return try object(scope: scope, tag: tag).map { .new($0) }
    }

    /// The object with this tag, likewise, and where its bytes are.
    mutating func objectWithContent(
        scope: Int, tag: [UInt8], known: KnownObjects
    ) throws(StoreError) -> (row: FoundRow, content: BlobContent)? {
        if let known = known[tag] {
            let query = try findKnownWithContent.query(connection)
            defer { query.reset() }
            if try query.find(known, scope) {
                return (.known(known), try decodeContent(query.statement, of: known.object.row))
            }
        }
        return try objectWithContent(scope: scope, tag: tag).map { (.new($0.row), $0.content) }
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

    // MARK: Directories

    /// Calls `body` with each object of a directory, in no particular order.
    mutating func forEachObject(
        scope: Int, directory: [UInt8], _ body: (ObjectRow) throws(StoreError) -> Void
    ) throws(StoreError) {
        let query = try findByDirectory.query(connection)
        try query.bind(1, scope)
        try query.bind(2, directory)
        defer { query.reset() }
        while try query.step() { try body(try decode(query.statement)) }
    }

    /// The directories directly below a directory, in no particular order.
    mutating func directories(scope: Int, parent: [UInt8]) throws(StoreError) -> [DirectoryRow] {
        let query = try findDirectories.query(connection)
        try query.bind(1, scope)
        try query.bind(2, parent)
        defer { query.reset() }
        var rows: [DirectoryRow] = []
        while try query.step() { rows.append(try decodeDirectory(query.statement)) }
        return rows
    }

    /// The directory with this tag.
    mutating func directory(scope: Int, tag: [UInt8]) throws(StoreError) -> DirectoryRow? {
        let query = try findDirectory.query(connection)
        try query.bind(1, scope)
        try query.bind(2, tag)
        defer { query.reset() }
        return try query.step() ? try decodeDirectory(query.statement) : nil
    }

    // MARK: Rarely

    /// The integer that `sql` yields. Prepared anew each time: for what is rare.
    func integer(_ sql: String) throws(StoreError) -> Int {
        var statement = CatalogStatement(sql, to: "read the catalog")
        let query = try statement.query(connection)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : 0
    }

    /// Calls `body` with each row that `sql` yields.
    func forEachRow(
        _ sql: String, _ body: (Statement) throws(StoreError) -> Void
    ) throws(StoreError) {
        var statement = CatalogStatement(sql, to: "read the catalog")
        let query = try statement.query(connection)
        defer { query.reset() }
        while try query.step() { try body(query.statement) }
    }

    /// The key version that wraps a scope's key now: that with which the scope was opened or, if its row
    /// has moved on, what its row says once it is authenticated. Nil if there is no such scope.
    mutating func currentKey(
        of scope: Scope, library: CryptoLibrary
    ) throws(StoreError) -> KeyPlace? {
        let query = try findScopeKey.query(connection)
        try query.bind(1, scope.record.rowID)
        defer { query.reset() }
        guard try query.step() else { return nil }
        if Int(query.statement.int(0)) == scope.record.currentKeyRowID { return scope.currentPlace }
        let record = try scopes().first { $0.rowID == scope.record.rowID }
        guard let record else { return nil }
        guard try scope.authenticates(record, library: library) else {
            throw Store.alteredScope(scope.record.name)
        }
        return KeyPlace(key: record.currentKey, rowID: record.currentKeyRowID)
    }

    /// The row of `keys` that an object's data key is said to be wrapped under now, and its bytes; nil if
    /// the object isn't in that row.
    mutating func wrappedKey(
        ofObject objectID: [UInt8], rowID: Int
    ) throws(StoreError) -> (keyRowID: Int, scheme: UInt8, bytes: [UInt8])? {
        let query = try findObjectKey.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, objectID)
        defer { query.reset() }
        guard try query.step() else { return nil }
        let row = query.statement
        return (Int(row.int(0)), UInt8(clamping: row.int(1)), row.bytes(2))
    }

    /// The key version in this row of `keys`.
    mutating func key(rowID: Int) throws(StoreError) -> KeyIdentifier {
        if let known = keyNames[rowID] { return known }
        let query = try findKey.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        guard try query.step() else {
            throw damaged("names key version \(rowID), which isn't there")
        }
        let text = query.statement.text(0)
        guard let key = try? KeyIdentifier(parsing: text), key.description == text else {
            throw damaged("names a key version that is no key identifier")
        }
        keyNames.insert(key, rowID: rowID)
        return key
    }

    // MARK: Decoding

    private func damaged(_ what: String) -> StoreError {
        StoreError(.integrity, "the catalog \(what); restore a backup")
    }

    private mutating func decode(_ statement: Statement) throws(StoreError) -> ObjectRow {
        guard
            let exponent = UInt8(exactly: statement.int(7)),
            let chunkSize = ChunkSize(exponent: exponent),
            let code = UInt8(exactly: statement.int(8)), let codec = Codec(rawValue: code),
            statement.isNull(9) == (codec == .raw),
            let byteCount = Int(exactly: statement.int(5)),
            ChunkLayout(byteCount: byteCount, chunkSize: chunkSize) != nil,
            let storedByteCount = Int(exactly: statement.int(6)), storedByteCount >= 0,
            let scheme = UInt8(exactly: statement.int(14)),
            scheme == Format.schemeRSAOAEP256, !statement.isNull(16)
        else { throw damaged("holds an object row with impossible values") }
        let keyRowID = Int(statement.int(15))
        let key = try key(rowID: keyRowID)
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
            keyRowID: keyRowID)
        // Only with these lengths is a row's binding the encoding of no other row.
        guard [row.tag, row.directory, row.objectID].allSatisfy(Self.isIdentifier),
            row.revision.count == Format.revisionByteCount,
            row.commitment.count == Format.commitmentByteCount,
            row.tableDigest.map({ $0.count == Format.commitmentByteCount }) != false,
            row.wrapped.bytes.count <= Int(UInt16.max)
        else { throw damaged("holds an object row with fields of impossible lengths") }
        return row
    }

    private static func isIdentifier(_ bytes: [UInt8]) -> Bool {
        bytes.count == Format.identifierByteCount
    }

    private mutating func decodeWithContent(
        _ statement: Statement
    ) throws(StoreError) -> FoundObject {
        let row = try decode(statement)
        return FoundObject(row: row, content: try decodeContent(statement, of: row))
    }

    private func decodeContent(
        _ statement: Statement, of row: borrowing ObjectRow
    ) throws(StoreError) -> BlobContent {
        guard statement.isNull(18) == (row.blobRowID != nil) else {
            throw damaged("holds an object with its bytes in two places, or in none")
        }
        if row.blobRowID == nil { return .inline(statement.bytes(18)) }
        guard !statement.isNull(17) else { throw damaged("holds an object without content") }
        guard statement.holds(row.objectID, in: 17) else {
            throw damaged("holds an object whose blob is another's")
        }
        return .file
    }

    private func decodeDirectory(_ statement: Statement) throws(StoreError) -> DirectoryRow {
        let row = DirectoryRow(
            tag: statement.bytes(0), parent: statement.bytes(1), revision: statement.bytes(2),
            document: statement.bytes(3))
        guard Self.isIdentifier(row.tag), Self.isIdentifier(row.parent),
            row.revision.count == Format.revisionByteCount
        else { throw damaged("holds a directory row with fields of impossible lengths") }
        return row
    }
}

extension CatalogQuery {
    /// Whether there is an object with this tag; its row is the current one then.
    fileprivate func find(_ scope: Int, _ tag: [UInt8]) throws(StoreError) -> Bool {
        try bind(1, scope)
        try bind(2, tag)
        return try step()
    }

    /// Whether the row in which this was is still there, and what it was when that was authenticated.
    /// Nothing is copied.
    fileprivate func find(_ known: KnownObject, _ scope: Int) throws(StoreError) -> Bool {
        try bind(1, known.object.row.rowID)
        try bind(2, scope)
        return try step() && known.object.isRow(statement)
    }
}

extension OpenObject {
    /// Whether a statement's current row is this one, column by column.
    fileprivate func isRow(_ statement: Statement) -> Bool {
        row.rowID == statement.int(0)
            && statement.holds(row.tag, in: 1)
            && statement.holds(row.directory, in: 2)
            && statement.holds(row.objectID, in: 3)
            && statement.holds(row.revision, in: 4)
            && row.byteCount == statement.int(5)
            && row.storedByteCount == statement.int(6)
            && row.chunkSize.exponent == statement.int(7)
            && row.codec.rawValue == statement.int(8)
            && statement.holds(row.tableDigest, in: 9)
            && statement.holds(row.commitment, in: 10)
            && row.wrappedKeyRowID == statement.int(11)
            && (row.blobRowID.map { $0 == statement.int(12) } ?? statement.isNull(12))
            && statement.holds(row.document, in: 13)
            && row.wrapped.scheme == statement.int(14)
            && row.keyRowID == statement.int(15)
            && statement.holds(row.wrapped.bytes, in: 16)
    }
}

extension Statement {
    fileprivate func holds(_ bytes: [UInt8]?, in column: Int32) -> Bool {
        guard let bytes else { return isNull(column) }
        return !isNull(column) && holds(bytes, in: column)
    }
}
