internal import SluiceNative

/// What is asked of `blobs`.
struct BlobQueries: Sendable {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Blobs that nothing references, at most `limit`: the count says so, which nothing authenticates, and the rows do.
    /// None while extents may not be counted.
    func garbage(limit: Int) throws(StoreError) -> [GarbageBlob] {
        var blobs: [GarbageBlob] = []
        try connection.forEachRow(
            """
            SELECT id, file FROM blobs b WHERE refs = 0 AND NOT \(ExtentRows.areUncounted) \
            AND NOT EXISTS (SELECT 1 FROM objects WHERE blob = b.id) \
            AND NOT EXISTS (SELECT 1 FROM pins WHERE blob = b.id) \
            AND NOT EXISTS (SELECT 1 FROM extents WHERE blob = b.id) \
            AND NOT EXISTS (SELECT 1 FROM parts WHERE blob = b.id) LIMIT \(limit)
            """
        ) { row throws(StoreError) in
            blobs.append(GarbageBlob(rowID: Int(row.int(0)), objectID: row.bytes(1)))
        }
        return blobs
    }

    /// Whether there may be tables of extents whose blobs no row names.
    func areExtentsUncounted() throws(StoreError) -> Bool {
        try connection.integer("SELECT \(ExtentRows.areUncounted)") != 0
    }

    /// Those of the blobs that no row names.
    func unnamed(
        among objectIDs: [[UInt8]]
    ) throws(StoreError) -> [[UInt8]] {
        var unnamed: [[UInt8]] = []
        for objectID in objectIDs where try rowID(ofFile: objectID) == nil {
            unnamed.append(objectID)
        }
        return unnamed
    }

    /// The row of the blob whose file bears this object id.
    func rowID(ofFile objectID: [UInt8]) throws(StoreError) -> Int? {
        var statement = CatalogStatement(
            "SELECT id FROM blobs WHERE file = ?1", to: "look up a blob")
        let query = try statement.query(connection)
        try query.bind(1, objectID)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : nil
    }
}
