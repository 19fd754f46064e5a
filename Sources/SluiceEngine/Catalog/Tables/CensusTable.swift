internal import SluiceNative

/// The writer's side of `census`: what a batch adds to the counts of each scope and key version.
struct CensusTable: Sendable {
    private struct Place: Hashable {
        var scope: Int
        var key: Int
    }

    /// What the batch adds.
    private var counts: [Place: ObjectCount] = [:]

    private var addToRow = CatalogStatement(
        """
        INSERT INTO census (scope, key, objects, bytes) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO UPDATE SET objects = objects + excluded.objects, \
        bytes = bytes + excluded.bytes
        """, to: "keep the census")

    mutating func beginBatch() {
        counts.removeAll(keepingCapacity: true)
    }

    /// Counts objects of a scope under a row of `keys`, or, below zero, no longer.
    mutating func count(scope: Int, key: Int, objects: Int, bytes: Int) {
        counts[Place(scope: scope, key: key), default: ObjectCount()].add(
            objects: objects, bytes: bytes)
    }

    /// Writes what was counted.
    mutating func endBatch(_ connection: Connection) throws(StoreError) {
        for (place, change) in counts where change != ObjectCount() {
            let query = try addToRow.query(connection)
            try query.bind(1, place.scope)
            try query.bind(2, place.key)
            try query.bind(3, change.objectCount)
            try query.bind(4, change.byteCount)
            try query.runChangingOneRow()
        }
    }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        counts.removeAll()
    }
}
