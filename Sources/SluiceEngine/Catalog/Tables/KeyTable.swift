internal import SluiceAccess
internal import SluiceNative

/// The writer's side of `keys`: the key versions that rows name, which are only ever added.
struct KeyTable: Sendable {
    private var rowIDs: [KeyIdentifier: Int] = [:]

    private var insertRow = CatalogStatement(
        "INSERT INTO keys (identifier) VALUES (?1)", to: "record a key version")
    private var findRow = CatalogStatement(
        "SELECT id FROM keys WHERE identifier = ?1", to: "look up a key version")

    /// The row of a key version, made if it isn't there; `hasWritten` is set before it is.
    mutating func row(
        for key: KeyIdentifier, hasWritten: inout Bool, _ connection: Connection
    ) throws(StoreError) -> Int {
        if let known = rowIDs[key] { return known }
        let identifier = key.description
        let rowID: Int
        if let found = try find(identifier, connection) {
            rowID = found
        } else {
            hasWritten = true
            let insert = try insertRow.query(connection)
            try insert.bind(1, identifier)
            try insert.runChangingOneRow()
            rowID = Int(connection.lastInsertedRowID)
        }
        rowIDs[key] = rowID
        return rowID
    }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        rowIDs.removeAll()
    }

    private mutating func find(
        _ identifier: String, _ connection: Connection
    ) throws(StoreError) -> Int? {
        let query = try findRow.query(connection)
        defer { query.reset() }
        try query.bind(1, identifier)
        return try query.step() ? Int(query.statement.int(0)) : nil
    }
}
