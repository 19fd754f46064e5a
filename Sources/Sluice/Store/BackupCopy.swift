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
        let objectIDs = try Self.referencedBlobs(target.draftCatalogPath)
        do throws(SystemError) {
            let to = try target.directory.openDirectory("blobs")
            var unsynced: [File] = []
            for objectID in objectIDs {
                guard !cancellation.isCancelled else { break }
                let name = String(hexadecimal: objectID)
                let target = try to.openDirectory(String(name.prefix(2)))
                let copied = try copy(name, to: target)
                progress?.advance(by: copied.byteCount)
                if let copy = copied.copy { unsynced.append(copy) }
                if unsynced.count == Self.batchCount { try Self.sync(&unsynced) }
            }
            try Self.sync(&unsynced)
            for shard in Set(objectIDs.map { $0[0] }) {
                try to.openDirectory(String(hexadecimal: [shard])).sync()
            }
            try to.sync()
            try target.directory.sync()
        } catch {
            throw failure(error)
        }
        try cancellation.check()
    }

    /// Links or copies a blob, which never changes; the copy is not yet durable.
    private func copy(
        _ name: String, to target: Directory
    ) throws(SystemError) -> (byteCount: Int, copy: File?) {
        let shard = try source.directory.openDirectory("blobs").openDirectory(
            String(name.prefix(2)))
        let blob = try shard.openFile(name)
        if linksBlobs, try shard.canLink(name, to: name, in: target) {
            return (try blob.status().byteCount, nil)
        }
        let copy = try target.createCopy(of: blob, as: name)
        try copy.file.startWriteback(offset: 0, byteCount: copy.byteCount)
        return (copy.byteCount, copy.file)
    }

    private static func sync(_ files: inout [File]) throws(SystemError) {
        for file in files { try file.sync() }
        files.removeAll()
    }

    private func failure(_ error: SystemError) -> StoreError {
        guard error.isNotFound, let path = error.path else {
            return StoreError(system: error, "copy the blobs of \(sourceName)")
        }
        return StoreError(
            .integrity,
            """
            \(sourceName) lacks the blob '\(path)', so that it can't be copied whole: `sluice verify` says \
            what else is damaged
            """, cause: error)
    }

    private static func referencedBlobs(_ catalogPath: String) throws(StoreError) -> [[UInt8]] {
        do throws(DatabaseError) {
            let connection = try Connection(path: catalogPath, mode: .readWrite, followLinks: false)
            defer { connection.close() }
            try CatalogSchema.guardTables(of: connection)
            let statement = try connection.prepare(
                "SELECT file FROM blobs WHERE refs > 0")
            var objectIDs: [[UInt8]] = []
            while try statement.step() { objectIDs.append(statement.bytes(0)) }
            return objectIDs
        } catch {
            throw StoreError(catalog: error, "read the copied catalog")
        }
    }
}

extension Directory {
    /// Gives a file a second name in another directory, or copies it durably where a link can't be.
    func linkOrCopy(
        _ name: String, to newName: String, in target: Directory
    ) throws(SystemError) {
        guard try !canLink(name, to: newName, in: target) else { return }
        try target.createCopy(of: openFile(name), as: newName).file.sync()
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
    ) throws(SystemError) -> (file: File, byteCount: Int) {
        let copy = try createExclusively(name)
        let byteCount = try source.status().byteCount
        guard try copy.copyContents(of: source, byteCount: byteCount) == byteCount else {
            throw SystemError.shortRead(source)
        }
        return (copy, byteCount)
    }
}
