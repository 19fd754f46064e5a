internal import SluiceFormat
internal import SluiceNative

extension Store {
    /// Copies the store to a new directory, catalog and blobs as they are at one instant, while others
    /// read and write it.
    ///
    /// The vaults with the keys are not part of it: whoever has only the backup can read nothing.
    /// Blobs are linked where the file system can do that, copied otherwise. Throws
    /// ``StoreError/Code/alreadyExists`` if the directory holds anything, and
    /// ``StoreError/Code/cannotCreate`` if a symbolic link leads to it that somebody else has made in a
    /// directory that isn't his. All is made with modes 0700 and 0600.
    @available(*, noasync)
    public func backup(to path: String, progress: ProgressHandler? = nil) throws(StoreError) {
        try backup(to: path, progress: progress, cancellation: beginOperation())
    }

    /// Makes a store from a backup, in a directory where there is none.
    ///
    /// The store's vaults must still be there, or be brought back, for anything to be read. Throws
    /// ``StoreError/Code/notFound`` if `path` is no directory with a backup, and
    /// ``StoreError/Code/alreadyExists`` if there is a store already.
    @available(*, noasync)
    public static func restore(
        from path: String, to location: StoreLocation
    ) throws(StoreError) {
        let source = try backupFiles(path)
        try BackupCopy.copy(from: source, to: location.store, progress: nil, Cancellation()) {
            target throws(StoreError) in
            do throws(DatabaseError) {
                // By way of SQLite, for a backup that was opened has a log of its own.
                let catalog = try Connection(
                    path: source.catalogPath, mode: .readWrite, followLinks: false)
                defer { catalog.close() }
                let copy = try Connection(
                    path: target.catalogPath, mode: .readWriteCreate, followLinks: false)
                defer { copy.close() }
                try catalog.backup(to: copy)
                try CatalogSchema.guardTables(of: copy)
            } catch {
                throw StoreError(catalog: error, "restore the catalog", at: path)
            }
        }
    }

    /// The files of a backup: errors say what is there in its place.
    private static func backupFiles(_ path: String) throws(StoreError) -> StoreFiles {
        let remedy = "name the directory that `sluice backup` made"
        let kind: FileStatus.Kind
        do throws(SystemError) {
            kind = try FileSystem.status(path).kind
        } catch {
            guard error.isNotFound || error.isNotDirectory else {
                throw StoreError(system: error, "restore")
            }
            throw StoreError(
                .notFound, "there is no directory '\(path)' to restore: \(remedy)", cause: error)
        }
        guard kind == .directory else {
            throw StoreError(
                .notFound, "'\(path)' is a file, not the backup of a store: \(remedy)")
        }
        do throws(StoreError) {
            return try StoreFiles(path, create: false)
        } catch {
            guard error.code == .notFound else { throw error }
            throw StoreError(
                .notFound, "'\(path)' is not the backup of a store, it has no catalog: \(remedy)",
                cause: error.cause)
        }
    }

    func backup(
        to path: String, progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) {
        try checkOpen()
        guard let files else {
            throw StoreError(.invalidArgument, "a store in memory can't be backed up")
        }
        let meter = ProgressMeter(progress, totalByteCount: nil)
        let (catalog, onMoment) = (catalog, onMoment)
        try BackupCopy.copy(from: files, to: path, progress: meter, cancellation) {
            target throws(StoreError) in
            try catalog.backup(to: target.catalogPath)
            onMoment?(.catalogCopied)
        }
    }
}

/// How a store's files become another's: the catalog first, then every blob that it references.
enum BackupCopy {
    static func copy(
        from source: StoreFiles, to path: String, progress: ProgressMeter?,
        _ cancellation: Cancellation, catalog: (StoreFiles) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Nothing that the catalog references may be unlinked until it is copied. A lock of its own:
        // the store's file may be held by a reaper of this very process.
        let lock = try lockReaping(source)
        defer { withExtendedLifetime(lock) {} }
        try requireEmpty(path)
        do throws(StoreError) {
            let target = try StoreFiles(path, create: true)
            try catalog(target)
            let blobs = try FileBlobBackend(store: target.directory, durability: .full)
            try copyBlobs(from: source, to: target, progress, cancellation)
            withExtendedLifetime(blobs) {}
        } catch {
            // Half a backup looks like a whole one: nothing of it stays.
            try? FileSystem.remove(tree: path)
            throw error
        }
    }

    private static func lockReaping(_ source: StoreFiles) throws(StoreError) -> File {
        do throws(SystemError) {
            let file = try source.directory.openOrCreateFile("lock")
            try file.lock(offset: 1, byteCount: 1, exclusive: false)
            return file
        } catch {
            throw StoreError(system: error, "lock the store")
        }
    }

    /// Makes the directory, and throws if there is one that holds anything.
    private static func requireEmpty(_ path: String) throws(StoreError) {
        let isEmpty: Bool
        do throws(SystemError) {
            try FileSystem.makeDirectories(path, isDurable: true)
            isEmpty = try Directory.openGuarded(path).names().isEmpty
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
        guard isEmpty else {
            throw StoreError(
                .alreadyExists, "'\(path)' is not empty; name a directory that is new")
        }
    }

    private static func copyBlobs(
        from source: StoreFiles, to target: StoreFiles, _ progress: ProgressMeter?,
        _ cancellation: Cancellation
    ) throws(StoreError) {
        let objectIDs = try referencedBlobs(target.catalogPath)
        do throws(SystemError) {
            let from = try source.directory.openDirectory("blobs")
            let to = try target.directory.openDirectory("blobs")
            for objectID in objectIDs {
                guard !cancellation.isCancelled else { break }
                let name = String(hexadecimal: objectID)
                let shard = String(name.prefix(2))
                let source = try from.openDirectory(shard)
                let byteCount = try copyBlob(
                    name, from: source, as: name, in: to.openDirectory(shard))
                progress?.advance(by: byteCount)
            }
            for shard in Set(objectIDs.map { $0[0] }) {
                try to.openDirectory(String(hexadecimal: [shard])).sync()
            }
            try to.sync()
            try target.directory.sync()
        } catch {
            throw StoreError(system: error, "copy a blob")
        }
        try cancellation.check()
    }

    /// Links a blob, which never changes, or copies it where a link can't be.
    @discardableResult
    static func copyBlob(
        _ name: String, from source: Directory, as newName: String, in target: Directory
    ) throws(SystemError) -> Int {
        do throws(SystemError) {
            try source.link(name, to: newName, in: target)
            return try source.status(name).byteCount
        } catch {
            guard error.isCrossDevice || error.isPermissionDenied || error.isTooManyLinks else {
                throw error
            }
            let blob = try source.openFile(name)
            let copy = try target.createExclusively(newName)
            let byteCount = try copy.copyContents(of: blob, byteCount: blob.status().byteCount)
            try copy.sync()
            return byteCount
        }
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
