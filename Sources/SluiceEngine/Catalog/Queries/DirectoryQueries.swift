internal import SluiceFormat
internal import SluiceNative

/// What is asked of `directories`. What can't have been written by a store is refused.
struct DirectoryQueries: Sendable {
    private let connection: Connection

    /// What ``row(_:)`` reads.
    static let select = "SELECT id, tag, parent, revision, document FROM directories"

    private var findChildren = CatalogStatement(
        "\(select) WHERE scope = ?1 AND parent = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
        to: "list a directory")
    private var findRowIDs = CatalogStatement(
        """
        SELECT id FROM directories WHERE scope = ?1 AND parent = ?2 AND id > ?3 ORDER BY id LIMIT ?4
        """, to: "list a directory")
    private var find = CatalogStatement(
        "\(select) WHERE scope = ?1 AND tag = ?2", to: "look up a directory")
    private var findByRow = CatalogStatement(
        "\(select) WHERE id = ?1 AND scope = ?2", to: "look up a directory")

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// The next directories directly below a directory, in the order of their rows; fewer than `limit` are
    /// the last.
    mutating func directories(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [DirectoryRow] {
        let query = try findChildren.query(connection)
        try query.bind(scope: scope, parent, afterRow: rowID, limit: limit)
        return try query.rows { row throws(StoreError) in try decode(row) }
    }

    /// The numbers of the next rows below a directory.
    mutating func rowIDs(
        scope: Int, parent: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [Int] {
        let query = try findRowIDs.query(connection)
        try query.bind(scope: scope, parent, afterRow: rowID, limit: limit)
        return try query.rowIDs()
    }

    /// The directory with this tag.
    mutating func directory(scope: Int, tag: [UInt8]) throws(StoreError) -> DirectoryRow? {
        let query = try find.query(connection)
        try query.bind(1, scope)
        try query.bind(2, tag)
        defer { query.reset() }
        return try query.step() ? try decode(query.statement) : nil
    }

    /// The directory in this row, whichever it is by now.
    mutating func directory(scope: Int, rowID: Int) throws(StoreError) -> DirectoryRow? {
        let query = try findByRow.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, scope)
        defer { query.reset() }
        return try query.step() ? try decode(query.statement) : nil
    }

    /// A row as it stands there, whatever it holds.
    static func row(_ statement: Statement) -> DirectoryRow {
        DirectoryRow(
            rowID: Int(statement.int(0)), tag: statement.bytes(1), parent: statement.bytes(2),
            revision: statement.bytes(3), document: statement.bytes(4))
    }

    private func decode(_ statement: Statement) throws(StoreError) -> DirectoryRow {
        let row = Self.row(statement)
        guard row.tag.count == Format.identifierByteCount,
            row.parent.count == Format.identifierByteCount,
            row.revision.count == Format.revisionByteCount
        else {
            throw CatalogFault.impossible("holds a directory row with fields of impossible lengths")
        }
        return row
    }
}
