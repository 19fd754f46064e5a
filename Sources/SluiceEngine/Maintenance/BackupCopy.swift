internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How a store becomes another, in files: the catalog first, then every blob that it references.
struct BackupCopy {
    let source: StoreFiles
    let blobs: any BlobBackend
    /// What errors call it.
    let sourceName: String
    let linksBlobs: Bool
    /// Whether what is made is a store that its owner is to use, and no backup of whoever makes it.
    let isRestore: Bool
    let progress: ProgressMeter?
    let cancellation: Cancellation

    /// Makes the copy at `path`; `copyCatalog` makes its catalog at the path it is given, which has an empty
    /// file.
    func run(
        to path: String, copyCatalog: (String) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Nothing that the catalog references may be unlinked until it is copied. A lock of its own:
        // the store's file may be held by a reaper of this very process.
        let lock = try lockReaping()
        defer { withExtendedLifetime(lock) {} }
        let target = try BackupTarget.make(path, givesToOwner: isRestore)
        do throws(StoreError) {
            try StoreFiles.requireLocal(target.directory.path)
            try copyCatalog(target.draftCatalogPath)
            try copyBlobs(to: target, Self.files(in: target.directory))
            try target.publish()
        } catch {
            target.discard()
            throw error
        }
    }

    /// Blobs in files, with the directories for them.
    private static func files(in directory: Directory) throws(StoreError) -> FileBlobBackend {
        do throws(BlobError) {
            return try FileBlobBackend(store: directory, durability: .full)
        } catch {
            throw StoreError(making: error)
        }
    }

    private func lockReaping() throws(StoreError) -> File? {
        do throws(SystemError) {
            guard let file = try source.reopenedLock() else { return nil }
            try file.lock(offset: StoreLayout.LockByte.reap, byteCount: 1, exclusive: false)
            return file
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    private func copyBlobs(
        to target: BackupTarget, _ backend: FileBlobBackend
    ) throws(StoreError) {
        let entries = try CatalogCopy.blobs(withoutPartsOfCatalogAt: target.draftCatalogPath)
        try cancellation.check()
        do throws(BlobError) {
            try blobs.copy(entries, to: backend, isSharing: linksBlobs) {
                blob throws(BlobError) in
                progress?.advance(by: blob.byteCount)
                do throws(StoreError) {
                    try cancellation.check()
                } catch {
                    throw BlobError(ending: error)
                }
            }
        } catch {
            throw Self.failure(error, of: sourceName, isRestore ? source.path : nil)
        }
        try translated("copy the blobs of \(sourceName)") { () throws(SystemError) in
            try target.directory.sync()
        }
    }

    /// What kept the blobs from being copied; `backup` is the directory that they are in, unless it is the store's.
    static func failure(
        _ error: BlobError, of sourceName: String, _ backup: String?
    ) -> StoreError {
        let problem: String
        switch error.kind {
        case .missing: problem = "lacks the blob '\(error.place ?? "")'"
        case .damaged: problem = "has another blob in '\(error.place ?? "")': \(error.message)"
        default: return StoreError(blob: error, "copy the blobs of \(sourceName)")
        }
        return StoreError(
            .integrity, "\(sourceName) \(problem), so that it can't be copied whole",
            remedies: [.run(.verify(store: backup))], cause: error)
    }
}
