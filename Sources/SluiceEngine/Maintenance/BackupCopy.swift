internal import SluiceFormat
internal import SluiceNative

/// How a store's files become another's: the catalog first, then every blob that it references.
struct BackupCopy {
    let source: StoreFiles
    /// What errors call it.
    let sourceName: String
    let linksBlobs: Bool
    /// Whether what is made is a store that its owner is to use, and no backup of whoever makes it.
    let isRestore: Bool
    let progress: ProgressMeter?
    let cancellation: Cancellation

    /// Blobs that are copied before they are synced together: the kernel writes one while the next is
    /// copied, and a file system with a journal commits that once for all.
    private static let batchCount = 64

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
            // Its directories.
            _ = try FileBlobBackend(store: target.directory, durability: .full)
            try copyBlobs(to: target)
            try target.publish()
        } catch {
            target.discard()
            throw error
        }
    }

    private func lockReaping() throws(StoreError) -> File {
        do throws(SystemError) {
            let file = try source.directory.openOrCreateFile("lock")
            try file.lock(offset: 1, byteCount: 1, exclusive: false)
            return file
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    private func copyBlobs(to target: BackupTarget) throws(StoreError) {
        let blobs = try CatalogCopy.blobs(ofCatalogAt: target.draftCatalogPath)
        let (from, to) = try translated { () throws(SystemError) in
            (
                try source.directory.openDirectory("blobs"),
                try target.directory.openDirectory("blobs")
            )
        }
        var unsynced: [File] = []
        for blob in blobs {
            try cancellation.check()
            unsynced.append(try copy(blob, from: from, to: to))
            progress?.advance(by: blob.byteCount)
            if unsynced.count == Self.batchCount { try sync(&unsynced) }
        }
        try sync(&unsynced)
        try translated { () throws(SystemError) in
            for shard in Set(blobs.map(\.shard)) { try to.openDirectory(shard).sync() }
            try to.sync()
            try target.directory.sync()
        }
    }

    /// Links or copies a blob, which never changes, from one store's `blobs` to another's; gives what is to be
    /// synced yet.
    private func copy(
        _ blob: CatalogCopy.Blob, from: Directory, to: Directory
    ) throws(StoreError) -> File {
        let (shard, file, status) = try translated { () throws(SystemError) in
            let shard = try from.openDirectory(blob.shard)
            let file = try shard.openFile(blob.name)
            return (shard, file, try file.status())
        }
        guard status.kind == .regular, status.byteCount == blob.byteCount else {
            let path = "\(shard.path)/\(blob.name)"
            throw damaged("has no file of \(blob.byteCount) bytes in '\(path)'", nil)
        }
        return try translated { () throws(SystemError) in
            let target = try to.openDirectory(blob.shard)
            // Whoever put it may not have waited for the disk.
            if linksBlobs, try shard.canLink(blob.name, to: blob.name, in: target) { return file }
            let copy = try target.createCopy(of: file, as: blob.name)
            try copy.startWriteback(offset: 0, byteCount: blob.byteCount)
            return copy
        }
    }

    private func sync(_ files: inout [File]) throws(StoreError) {
        try translated { () throws(SystemError) in for file in files { try file.sync() } }
        files.removeAll()
    }

    private func translated<Value>(
        _ body: () throws(SystemError) -> Value
    ) throws(StoreError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            guard error.isNotFound, let path = error.path else {
                throw StoreError(system: error, "copy the blobs of \(sourceName)")
            }
            throw damaged("lacks the blob '\(path)'", error)
        }
    }

    private func damaged(_ problem: String, _ cause: SystemError?) -> StoreError {
        StoreError(
            .integrity,
            """
            \(sourceName) \(problem), so that it can't be copied whole: `sluice verify` says what else is \
            damaged
            """, cause: cause)
    }
}

extension Directory {
    /// Gives a file a second name in another directory, or copies it durably where a link can't be.
    func linkOrCopy(
        _ name: String, to newName: String, in target: Directory
    ) throws(SystemError) {
        guard try !canLink(name, to: newName, in: target) else { return }
        try target.createCopy(of: openFile(name), as: newName).sync()
    }

    /// Links a file into another directory; false if the file system, or who owns the file, forbids that.
    fileprivate func canLink(
        _ name: String, to newName: String, in target: Directory
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try link(name, to: newName, in: target)
            return true
        } catch {
            guard error.isCrossDevice || error.isPermissionDenied || error.isTooManyLinks else {
                throw error
            }
            return false
        }
    }

    /// Makes a file with the bytes of another, which shares their space where the file system can do that.
    fileprivate func createCopy(
        of source: File, as name: String
    ) throws(SystemError) -> File {
        let copy = try createExclusively(name)
        let byteCount = try source.status().byteCount
        guard try copy.copyContents(of: source, byteCount: byteCount) == byteCount else {
            throw SystemError.shortRead(source)
        }
        return copy
    }
}
