internal import SluiceNative

/// The writer's side of `blobs`, which counts what references each.
struct BlobTable: Sendable {
    private var insertRow = CatalogStatement(
        "INSERT INTO blobs (refs, file) VALUES (1, ?1)", to: "store the object's bytes")
    private var retainRow = CatalogStatement(
        "UPDATE blobs SET refs = refs + 1 WHERE id = ?1", to: "pin the object's bytes")
    private var releaseRow = CatalogStatement(
        "UPDATE blobs SET refs = refs - 1 WHERE id = ?1", to: "remove the object's bytes")
    private var deleteGarbage = CatalogStatement(
        "DELETE FROM blobs WHERE id = ?1 AND refs <= 0", to: "forget a removed blob")

    /// Adds a blob that one row references, whose file bears this object id; its row.
    mutating func insert(
        file objectID: [UInt8], _ connection: Connection
    ) throws(StoreError) -> Int {
        let query = try insertRow.query(connection)
        try query.bind(1, objectID)
        try query.runChangingOneRow()
        return Int(connection.lastInsertedRowID)
    }

    /// Counts one reference more.
    mutating func retain(rowID: Int, _ connection: Connection) throws(StoreError) {
        try retainRow.query(connection).runChangingOneRow(rowID: rowID)
    }

    /// Counts one reference less.
    mutating func release(rowID: Int, _ connection: Connection) throws(StoreError) {
        try releaseRow.query(connection).run(rowID: rowID)
    }

    /// Forgets blobs that were unlinked, unless they are referenced again.
    mutating func forget(rowIDs: [Int], _ connection: Connection) throws(StoreError) {
        for rowID in rowIDs { try deleteGarbage.query(connection).run(rowID: rowID) }
    }
}
