internal import SluiceFormat
internal import SluiceNative

/// The writer's side of `states`, and the look-up.
struct StateTable: Sendable {
    /// Whether there may be rows; nil if nobody has looked since anybody else committed.
    private var mayHaveRows: Bool?

    private var findAny = CatalogStatement(
        "SELECT EXISTS (SELECT 1 FROM states)", to: "look up what holds an object")
    private var findRow = CatalogStatement(
        "SELECT revision, document FROM states WHERE scope = ?1 AND tag = ?2",
        to: "look up what holds an object")
    private var setRow = CatalogStatement(
        """
        INSERT INTO states (scope, tag, created, revision, document) VALUES (?1, ?2, ?3, ?4, ?5) \
        ON CONFLICT (scope, tag) DO UPDATE SET revision = ?4, document = ?5
        """, to: "note what holds an object")
    private var deleteRow = CatalogStatement(
        "DELETE FROM states WHERE scope = ?1 AND tag = ?2", to: "note that nothing holds an object")

    /// Forgets what is known, for it may no longer be true.
    mutating func forget() {
        mayHaveRows = nil
    }

    /// The state of the object with this tag.
    mutating func row(
        scope: Int, tag: [UInt8], _ connection: Connection
    ) throws(StoreError) -> StateRow? {
        let query = try findRow.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, tag)
        guard try query.step() else { return nil }
        let row = StateRow(
            tag: tag, revision: query.statement.bytes(0), document: query.statement.bytes(1))
        // Only with this length is a row's binding the encoding of no other row.
        guard row.revision.count == Format.revisionByteCount else {
            throw CatalogFault.impossible("holds an object's state with impossible values")
        }
        return row
    }

    /// Whether the state is the one that was looked at. Where nothing holds any object, which is what most stores are
    /// like, that takes no look-up.
    mutating func isSo(
        _ basis: StateBasis, scope: Int, tag: [UInt8], _ connection: Connection
    ) throws(StoreError) -> Bool {
        if mayHaveRows == nil {
            let query = try findAny.query(connection)
            defer { query.reset() }
            mayHaveRows = try query.step() && query.statement.int(0) != 0
        }
        guard mayHaveRows == true else { return basis == .none }
        return try row(scope: scope, tag: tag, connection)?.revision == basis.revision
    }

    /// Puts a row in the place of the one that the tag has.
    mutating func set(
        _ row: StateRow, scope: Int, milliseconds: Int, _ connection: Connection
    ) throws(StoreError) {
        mayHaveRows = true
        let query = try setRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, row.tag)
        try query.bind(3, milliseconds)
        try query.bind(4, row.revision)
        try query.bind(5, row.document)
        try query.runChangingOneRow()
    }

    /// Removes the row of a tag, if there is one.
    mutating func delete(scope: Int, tag: [UInt8], _ connection: Connection) throws(StoreError) {
        let query = try deleteRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, tag)
        try query.run()
    }
}
