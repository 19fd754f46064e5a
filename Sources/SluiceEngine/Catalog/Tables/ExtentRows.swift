internal import SluiceFormat
internal import SluiceNative

/// The writer's side of `extents`: which blobs each table of extents names.
///
/// Invariant: while there is a row of `uncounted_extents`, a blob may be needed that no row names, so no blob is
/// removed (``BlobQueries``) and no backup made.
struct ExtentRows: Sendable {
    /// Sets the mark where there may be tables of extents whose rows are missing: a rebuilt catalog has none.
    static let doubting = """
        INSERT OR IGNORE INTO uncounted_extents SELECT 1 \
        WHERE EXISTS (SELECT 1 FROM objects WHERE codec = \(Codec.extents.rawValue)) \
        OR EXISTS (SELECT 1 FROM pins WHERE codec = \(Codec.extents.rawValue))
        """
    /// Whether the mark is set, as a condition.
    static let areUncounted = "EXISTS (SELECT 1 FROM uncounted_extents)"

    private var insertRow = CatalogStatement(
        "INSERT INTO extents (manifest, blob, stored_byte_count) VALUES (?1, ?2, ?3)",
        to: "store the object's extents")
    private var findRows = CatalogStatement(
        "SELECT blob FROM extents WHERE manifest = ?1", to: "look up the object's extents")
    private var deleteRows = CatalogStatement(
        "DELETE FROM extents WHERE manifest = ?1", to: "remove the object's extents")

    mutating func insert(
        manifest: Int, blob: Int, storedByteCount: Int, _ connection: Connection
    ) throws(StoreError) {
        let query = try insertRow.query(connection)
        try query.bind(1, manifest)
        try query.bind(2, blob)
        try query.bind(3, storedByteCount)
        try query.runChangingOneRow()
    }

    /// The rows of the blobs that a table of extents names.
    mutating func blobs(ofManifest rowID: Int, _ connection: Connection) throws(StoreError) -> [Int]
    {
        let query = try findRows.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        var rows: [Int] = []
        while try query.step() { rows.append(Int(query.statement.int(0))) }
        return rows
    }

    mutating func delete(ofManifest rowID: Int, _ connection: Connection) throws(StoreError) {
        try deleteRows.query(connection).run(rowID: rowID)
    }
}
