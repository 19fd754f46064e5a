internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

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
    private var findByRow = CatalogStatement(
        "\(select) WHERE o.id = ?1 AND o.scope = ?2", to: "look up an object")
    private var findByDirectory = CatalogStatement(
        "\(select) WHERE \(inDirectory)", to: "list a directory")
    private var findByDirectoryWithContent = CatalogStatement(
        "\(selectWithContent) WHERE \(inDirectory)", to: "list a directory")
    /// The index on the directory has its entries in the order of rows: nothing is sorted.
    private static let inDirectory = """
        o.scope = ?1 AND o.directory = ?2 AND o.id > ?3 ORDER BY o.id LIMIT ?4
        """
    private var findDirectories = CatalogStatement(
        """
        SELECT tag, parent, revision, document, id FROM directories \
        WHERE scope = ?1 AND parent = ?2 AND id > ?3 ORDER BY id LIMIT ?4
        """, to: "list a directory")
    private var findDirectory = CatalogStatement(
        "SELECT tag, parent, revision, document, id FROM directories WHERE scope = ?1 AND tag = ?2",
        to: "look up a directory")
    private var findDirectoryByRow = CatalogStatement(
        """
        SELECT tag, parent, revision, document, id FROM directories WHERE id = ?1 AND scope = ?2
        """, to: "look up a directory")
    private var findScopeKey = CatalogStatement(
        "SELECT key FROM scopes WHERE id = ?1", to: "look up a scope's key")
    private var findObjectKey = CatalogStatement(
        """
        SELECT w.key, w.scheme, w.wrapped FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key \
        WHERE o.id = ?1 AND o.object_id = ?2
        """, to: "look up an object's key")
    var findScope = CatalogStatement(
        "SELECT \(CatalogReader.scopeColumns) FROM scopes WHERE name = ?1", to: "look up a scope")
    var findScopeRow = CatalogStatement(
        "SELECT \(CatalogReader.scopeColumns) FROM scopes WHERE id = ?1", to: "look up a scope")
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

    // MARK: Directories

    /// The next objects of a directory, in the order of their rows; fewer than `limit` are the last.
    mutating func objects(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [ObjectRow] {
        let query = try findByDirectory.query(connection)
        try query.bind(scope: scope, directory, afterRow: rowID, limit: limit)
        defer { query.reset() }
        var rows: [ObjectRow] = []
        while try query.step() { rows.append(try decode(query.statement)) }
        return rows
    }

    /// The next objects of a directory, likewise, and where their bytes are.
    mutating func objectsWithContent(
        scope: Int, directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [FoundObject] {
        let query = try findByDirectoryWithContent.query(connection)
        try query.bind(scope: scope, directory, afterRow: rowID, limit: limit)
        defer { query.reset() }
        var objects: [FoundObject] = []
        while try query.step() { objects.append(try decodeWithContent(query.statement)) }
        return objects
    }

    /// The next directories directly below a directory, in the order of their rows; fewer than `limit` are
    /// the last.
    mutating func directories(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [DirectoryRow] {
        let query = try findDirectories.query(connection)
        try query.bind(scope: scope, parent, afterRow: rowID, limit: limit)
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

    /// The directory in this row, whichever it is by now.
    mutating func directory(scope: Int, rowID: Int) throws(StoreError) -> DirectoryRow? {
        let query = try findDirectoryByRow.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, scope)
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

    /// What a scope's row says, if its key is under another version than that in a row of `keys`.
    mutating func standing(
        ofScope rowID: Int, under keyRowID: Int
    ) throws(StoreError) -> ScopeStanding {
        let query = try findScopeKey.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        guard try query.step() else { return .other(nil) }
        if Int(query.statement.int(0)) == keyRowID { return .same }
        return .other(try scope(rowID: rowID))
    }

    /// The row of `keys` that an object's data key is said to be wrapped under now, and its bytes; nil if
    /// the object isn't in that row.
    mutating func wrappedKey(
        ofObject objectID: [UInt8], rowID: Int
    ) throws(StoreError) -> ObjectKeyRow? {
        let query = try findObjectKey.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, objectID)
        defer { query.reset() }
        guard try query.step() else { return nil }
        let row = query.statement
        return ObjectKeyRow(
            keyRowID: Int(row.int(0)), scheme: UInt8(clamping: row.int(1)), bytes: row.bytes(2))
    }

    /// Calls `body` with each value of an indexed column, until it says no: from each to the next by the index,
    /// however many rows have it. The statement finds the least one from a first on.
    ///
    /// - Returns: Whether they came in order: in damaged pages a way on can lead back, and ends this.
    @discardableResult
    func forEachValue(
        _ least: String, to purpose: String, _ body: (Int) throws(StoreError) -> Bool
    ) throws(StoreError) -> Bool {
        var next = CatalogStatement(least, to: purpose)
        var first = Int.min
        while true {
            let query = try next.query(connection)
            defer { query.reset() }
            try query.bind(1, first)
            guard try query.step(), !query.statement.isNull(0) else { return true }
            let value = Int(query.statement.int(0))
            guard try body(value) else { return true }
            guard value >= first else { return false }
            guard value < Int.max else { return true }
            first = value + 1
        }
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
}

extension CatalogQuery {
    /// Binds the beginning of a part of a directory's rows.
    fileprivate func bind(
        scope: Int, _ directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) {
        try bind(1, scope)
        try bind(2, directory)
        try bind(3, rowID)
        try bind(4, limit)
    }

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
