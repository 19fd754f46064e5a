internal import SluiceAccess
internal import SluiceNative

/// The writer's side of `wrapped_keys`: the rows of data keys, and how many objects each of them serves.
struct WrappedKeyTable: Sendable {
    /// A row, and the version that it is wrapped under.
    struct Row: Sendable {
        let bytes: [UInt8]
        let rowID: Int
        let keyRowID: Int
    }

    /// What the batch adds to the counts, by row.
    private var counts: [Int: ObjectCount] = [:]
    /// The rows of data keys that this process has stored, and of those the ones that this batch has
    /// seen to be there still; by their hints.
    private var stored: [UInt64: Int] = [:]
    private var present: [UInt64: Row] = [:]

    private static let rememberedCount = 64

    private var insertRow = CatalogStatement(
        """
        INSERT INTO wrapped_keys (scope, key, objects, bytes, scheme, wrapped) \
        VALUES (?1, ?2, 0, 0, ?3, ?4)
        """, to: "store the object's key")
    private var findRow = CatalogStatement(
        "SELECT key FROM wrapped_keys WHERE id = ?1 AND wrapped = ?2",
        to: "look up the object's key")
    private var countRow = CatalogStatement(
        "SELECT objects, bytes FROM wrapped_keys WHERE id = ?1 AND wrapped = ?2 AND key = ?3",
        to: "rewrap a key")
    private var updateRow = CatalogStatement(
        "UPDATE wrapped_keys SET key = ?2, scheme = ?3, wrapped = ?4 WHERE id = ?1",
        to: "rewrap a key")
    private var addToRow = CatalogStatement(
        "UPDATE wrapped_keys SET objects = objects + ?2, bytes = bytes + ?3 WHERE id = ?1",
        to: "store the object's key")
    // A count that was altered must not take the key from objects that share it.
    private var deleteRow = CatalogStatement(
        """
        DELETE FROM wrapped_keys WHERE id = ?1 AND objects <= 0 \
        AND NOT EXISTS (SELECT 1 FROM objects WHERE wrapped_key = ?1)
        """, to: "remove the object's key")

    // MARK: Batches

    mutating func beginBatch() {
        counts.removeAll(keepingCapacity: true)
    }

    /// Writes what was counted, and removes rows that nothing references any more.
    mutating func endBatch(_ connection: Connection) throws(StoreError) {
        present.removeAll(keepingCapacity: true)
        for (rowID, change) in counts {
            if change != ObjectCount() {
                let query = try addToRow.query(connection)
                try query.bind(1, rowID)
                try query.bind(2, change.objectCount)
                try query.bind(3, change.byteCount)
                try query.runChangingOneRow()
            }
            if change.objectCount <= 0 { try deleteRow.query(connection).run(rowID: rowID) }
        }
    }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        counts.removeAll()
        stored.removeAll()
        present.removeAll()
    }

    /// Forgets which rows this batch has seen.
    mutating func forgetPresent() {
        present.removeAll()
    }

    // MARK: Rows

    /// Counts objects that a row serves from now on, or, below zero, no longer.
    mutating func count(_ rowID: Int, objects: Int, bytes: Int) {
        counts[rowID, default: ObjectCount()].add(objects: objects, bytes: bytes)
    }

    /// The row of a data key that is wrapped under a scope's current version: the one it has, if that is
    /// still there as this process stored it; else a new one.
    mutating func row(
        for wrapped: WrappedKey, under keyRowID: Int, scope: Int, _ connection: Connection
    ) throws(StoreError) -> Row {
        let hint = Self.hint(wrapped.bytes)
        if let row = present[hint], row.bytes == wrapped.bytes { return row }
        let row: Row
        if let known = try storedRow(of: wrapped, hint, under: keyRowID, connection) {
            row = known
        } else {
            row = try insert(wrapped, under: keyRowID, scope: scope, connection)
        }
        // Few are used twice: those that small objects share.
        if stored.count >= Self.rememberedCount { stored.removeAll() }
        stored[hint] = row.rowID
        present[hint] = row
        return row
    }

    /// What wrapped bytes begin with, which is random: as good as a hash, and proof of nothing.
    private static func hint(_ bytes: [UInt8]) -> UInt64 {
        bytes.prefix(MemoryLayout<UInt64>.size).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Puts `wrapped` in the place of what `row` had, under another version; what it serves, or nil,
    /// having written nothing, if the row is no longer there as it was. Never inserts.
    mutating func rewrap(
        _ row: WrappedKeyRow, to wrapped: WrappedKey, keyRowID: Int, hasWritten: inout Bool,
        _ connection: Connection
    ) throws(StoreError) -> ObjectCount? {
        let find = try countRow.query(connection)
        try find.bind(1, row.rowID)
        try find.bind(2, row.wrapped.bytes)
        try find.bind(3, row.keyRowID)
        var count: ObjectCount?
        if try find.step() {
            count = ObjectCount(
                objectCount: find.statement.count(0), byteCount: find.statement.count(1))
        }
        find.reset()
        guard var count else { return nil }
        hasWritten = true
        let update = try updateRow.query(connection)
        try update.bind(1, row.rowID)
        try update.bind(2, keyRowID)
        try update.bind(3, Int(wrapped.scheme))
        try update.bind(4, wrapped.bytes)
        try update.runChangingOneRow()
        // What this batch did to the key's objects was counted under the old version.
        if let pending = counts[row.rowID] {
            count.add(objects: pending.objectCount, bytes: pending.byteCount)
        }
        present = present.filter { $0.value.rowID != row.rowID }
        return count
    }

    private mutating func storedRow(
        of wrapped: WrappedKey, _ hint: UInt64, under keyRowID: Int, _ connection: Connection
    ) throws(StoreError) -> Row? {
        guard let rowID = stored[hint] else { return nil }
        let query = try findRow.query(connection)
        defer { query.reset() }
        try query.bind(1, rowID)
        try query.bind(2, wrapped.bytes)
        guard try query.step(), Int(query.statement.int(0)) == keyRowID else { return nil }
        return Row(bytes: wrapped.bytes, rowID: rowID, keyRowID: keyRowID)
    }

    private mutating func insert(
        _ wrapped: WrappedKey, under keyRowID: Int, scope: Int, _ connection: Connection
    ) throws(StoreError) -> Row {
        let query = try insertRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, keyRowID)
        try query.bind(3, Int(wrapped.scheme))
        try query.bind(4, wrapped.bytes)
        try query.runChangingOneRow()
        return Row(
            bytes: wrapped.bytes, rowID: Int(connection.lastInsertedRowID), keyRowID: keyRowID)
    }
}
