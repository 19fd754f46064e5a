internal import SluiceNative

/// A copy of a catalog that nobody uses yet, as a backup makes it.
enum CatalogCopy {
    /// A blob that a catalog references.
    struct Blob {
        let name: String
        /// How many bytes its row says that it has.
        let byteCount: Int

        var shard: String { String(name.prefix(2)) }
    }

    /// Copies a catalog that nobody uses to a new file, by way of SQLite, for one that was opened has a log of its
    /// own.
    static func make(of path: String, at newPath: String) throws(DatabaseError) {
        let catalog = try Connection(path: path, mode: .readWrite, followLinks: false)
        defer { catalog.close() }
        let copy = try Connection(path: newPath, mode: .readWriteCreate, followLinks: false)
        defer { copy.close() }
        try catalog.backup(to: copy)
        try CatalogSchema.guardTables(of: copy)
    }

    /// What the catalog in a file references.
    static func blobs(ofCatalogAt path: String) throws(StoreError) -> [Blob] {
        do throws(DatabaseError) {
            let connection = try Connection(path: path, mode: .readWrite, followLinks: false)
            defer { connection.close() }
            try CatalogSchema.guardTables(of: connection)
            let statement = try connection.prepare(
                """
                SELECT file, coalesce((SELECT stored_byte_count FROM objects WHERE blob = b.id), \
                (SELECT stored_byte_count FROM pins WHERE blob = b.id)) FROM blobs b WHERE refs > 0
                """)
            var blobs: [Blob] = []
            while try statement.step() {
                blobs.append(
                    Blob(
                        name: String(hexadecimal: statement.bytes(0)),
                        byteCount: Int(statement.int(1))))
            }
            return blobs
        } catch {
            throw StoreError(catalog: error, "read the copied catalog")
        }
    }
}
