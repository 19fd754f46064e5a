internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Copies a store to a new directory, as it is at one instant; and makes a store of such a copy. Thread-safe.
final class BackupMaker: Sendable, StoreComponent {
    let context: StoreContext
    let ownFiles: OwnFiles

    init(context: StoreContext, ownFiles: OwnFiles) {
        self.context = context
        self.ownFiles = ownFiles
    }

    func backup(
        to path: String, linksBlobs: Bool, progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) {
        try context.checkOpen()
        guard let files else {
            throw StoreError(.invalidArgument, "a store in memory can't be backed up")
        }
        try ownFiles.requireForeign(path)
        guard try !catalog.areExtentsUncounted() else {
            throw StoreError(
                .damagedCatalog,
                "a backup would lack blobs: the catalog was rebuilt from a damaged one, and can't tell yet which blobs "
                    + "objects of several extents need",
                remedies: [.run(.repair(store: nil))])
        }
        let copy = BackupCopy(
            source: files, blobs: blobs.backend, sourceName: "the store", linksBlobs: linksBlobs,
            isRestore: false, progress: ProgressMeter(progress, totalByteCount: nil),
            cancellation: cancellation)
        let (catalog, onMoment) = (catalog, onMoment)
        try copy.run(to: path) { draftPath throws(StoreError) in
            try catalog.backup(to: draftPath)
            onMoment?(.catalogCopied)
        }
    }

    /// Makes a store from a backup, in the directory `newPath`, where there must be none.
    static func restore(
        from path: String, to newPath: String
    ) throws(StoreError) {
        let source = try backupFiles(path)
        defer { source.leave() }
        let sourceName = "the backup '\(path)'"
        let blobs: FileBlobBackend
        do throws(BlobError) {
            blobs = try FileBlobBackend(reading: source.directory)
        } catch {
            throw BackupCopy.failure(error, of: sourceName, path)
        }
        let copy = BackupCopy(
            source: source, blobs: blobs, sourceName: sourceName, linksBlobs: false,
            isRestore: true, progress: nil,
            cancellation: Cancellation())
        try copy.run(to: newPath) { draftPath throws(StoreError) in
            let isWhole: Bool
            do throws(DatabaseError) {
                isWhole = try CatalogCopy.make(
                    of: source.catalogPath, isWritable: source.isWritable, at: draftPath)
            } catch {
                throw StoreError(catalog: error, "restore the catalog", at: path)
            }
            guard isWhole else {
                throw StoreError(
                    .busy, "somebody writes to '\(path)' as to a store", about: .file(path),
                    remedies: [.other("end that, and try again")])
            }
        }
    }

    /// The files of a backup: errors say what is there in its place.
    private static func backupFiles(_ path: String) throws(StoreError) -> StoreFiles {
        let kind: FileStatus.Kind
        do throws(SystemError) {
            kind = try FileSystem.status(path).kind
        } catch {
            guard error.isNotFound || error.isNotDirectory else {
                throw StoreError(system: error, "restore")
            }
            throw StoreError(
                .notFound, "there is no directory '\(path)' to restore", about: .file(path),
                remedies: [.choose(.backup)], cause: error)
        }
        guard kind == .directory else {
            throw StoreError(
                .notFound, "'\(path)' is a file, not the backup of a store", about: .file(path),
                remedies: [.choose(.backup)])
        }
        let isCutShort = try translated("restore") { () throws(SystemError) in
            try Directory.open(path).has(StoreLayout.unfinishedCatalog)
        }
        guard !isCutShort else {
            throw StoreError(
                .notFound, "'\(path)' is a backup that was cut short, and can't be restored",
                about: .file(path), remedies: [.other("use another backup")])
        }
        do throws(StoreError) {
            return try StoreFiles(path, create: false)
        } catch {
            guard error.code == .notFound else { throw error }
            throw StoreError(
                .notFound, "'\(path)' is not the backup of a store, it has no catalog",
                about: .file(path), remedies: [.choose(.backup)], cause: error.cause)
        }
    }
}
