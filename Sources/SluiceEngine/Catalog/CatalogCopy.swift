internal import SluiceNative

/// A copy of a catalog that nobody uses yet, as a backup makes it.
enum CatalogCopy {
    /// Copies a catalog that nobody uses to a new file, by way of SQLite, for one that was opened has a log of its
    /// own. False if somebody has begun to use it meanwhile: then the copy is worth nothing.
    static func make(
        of path: String, isWritable: Bool, at newPath: String
    ) throws(DatabaseError) -> Bool {
        let catalog =
            isWritable
            ? try Connection(path: path, mode: .readWrite, followLinks: false)
            : try Connection.openUnwritable(path: path)
        defer { catalog.close() }
        let copy = try Connection(path: newPath, mode: .readWriteCreate, followLinks: false)
        defer { copy.close() }
        try catalog.backup(to: copy)
        try CatalogSchema.guardTables(of: copy)
        return catalog.isUndisturbed
    }

    /// Takes the parts of uploads out of the catalog in a file, whose blobs need not be durable, nor there; gives the
    /// blobs that it references then, as large as its rows say.
    static func blobs(withoutPartsOfCatalogAt path: String) throws(StoreError) -> [BlobEntry] {
        do throws(DatabaseError) {
            let connection = try Connection(path: path, mode: .readWrite, followLinks: false)
            defer { connection.close() }
            try CatalogSchema.guardTables(of: connection)
            for change in [
                "UPDATE blobs SET refs = refs - 1 WHERE id IN (SELECT blob FROM parts)",
                "DELETE FROM parts",
            ] {
                _ = try connection.prepare(change).step()
            }
            let statement = try connection.prepare(
                """
                SELECT file, coalesce((SELECT stored_byte_count FROM objects WHERE blob = b.id), \
                (SELECT stored_byte_count FROM pins WHERE blob = b.id), \
                (SELECT stored_byte_count FROM extents WHERE blob = b.id)) FROM blobs b WHERE refs > 0
                """)
            var blobs: [BlobEntry] = []
            while try statement.step() {
                blobs.append(
                    BlobEntry(
                        objectID: statement.bytes(0), byteCount: Int(statement.int(1))))
            }
            return blobs
        } catch {
            throw StoreError(catalog: error, "read the copied catalog")
        }
    }
}
