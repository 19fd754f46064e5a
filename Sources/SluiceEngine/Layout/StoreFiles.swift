internal import SluiceAccess
internal import SluiceNative

/// A store's directory, its lock file and the name of its catalog.
struct StoreFiles: Sendable {
    let directory: Directory
    let lock: File
    let path: String
    /// Absolute, and without symbolic links, none of which is followed from here on.
    let catalogPath: String
    /// Whether the store may have yet to be made. Once it has its other directories, a catalog that
    /// is missing or empty is damage, and no new one is put in its place.
    let isNew: Bool

    /// For what makes room on a full disk. In several files: what a removal has used of it may be less
    /// than what is there, and then the rest is taken again at once.
    func reserve(byteCount: Int) -> SpaceReserve {
        SpaceReserve(
            in: directory, fileCount: Self.reserveFileCount,
            fileByteCount: byteCount / Self.reserveFileCount)
    }

    private static let reserveFileCount = 4

    /// Opens the directory at `path`, and makes it if `create` says so, durably if `durability` does.
    ///
    /// Throws ``StoreError/Code/busy`` while another repairs the store or, if this is `toRepair` it,
    /// has it open.
    init(
        _ path: String, create: Bool, durability: Durability = .full, toRepair: Bool = false
    ) throws(StoreError) {
        let hasCatalog: Bool
        let isEmpty: Bool
        do throws(SystemError) {
            let isDurable = durability == .full
            if create {
                try FileSystem.makeDirectories(
                    path, isDurable: isDurable, givesToOwner: true)
            }
            directory = try Directory.openGuarded(path, givesToOwner: true)
            isNew = try !directory.has(StoreLayout.staging)
            if create, isNew {
                // Whoever made the directory may have died before its name was durable.
                if isDurable { try FileSystem.syncName(of: path) }
                try Self.createCatalog(in: directory)
                // SQLite takes no notice if its own sync of the directory fails.
                if isDurable { try directory.sync() }
            }
            let hasRepaired = try directory.has(StoreLayout.repairedCatalog)
            hasCatalog = try hasRepaired ? true : directory.has(StoreLayout.catalog)
            if hasCatalog, !hasRepaired {
                isEmpty = Connection.isWithoutPages(
                    try directory.status(StoreLayout.catalog).byteCount)
            } else {
                isEmpty = false
            }
        } catch {
            if error.isNotFound, !create { throw Self.missingStore(path, error) }
            throw StoreError(system: error, "open the store", otherwise: .cannotCreate)
        }
        // Whoever began to make it found no room, or died: it has never held anything.
        let isUnmade = isNew && isEmpty && !create && !toRepair
        guard hasCatalog, !isUnmade else {
            if isNew { throw Self.missingStore(path, nil) }
            throw StoreError(
                .damagedCatalog, "the store in '\(path)' has lost its catalog", about: .store(path),
                remedies: [.restoreBackup])
        }
        let isPresent: Bool
        let isHalfRepaired: Bool
        do throws(SystemError) {
            lock = try directory.openOrCreateFile(StoreLayout.lock)
            isPresent = try lock.tryLock(
                offset: StoreLayout.LockByte.presence, byteCount: 1, exclusive: toRepair)
            isHalfRepaired = try directory.has(StoreLayout.repairedCatalog)
        } catch {
            throw StoreError(system: error, "open the store", otherwise: .cannotCreate)
        }
        guard isPresent else {
            throw StoreError(
                .busy,
                toRepair
                    ? "another process has the store in '\(path)' open, and it is repaired alone"
                    : "the store in '\(path)' is being repaired",
                about: .store(path),
                remedies: [
                    .other(
                        toRepair
                            ? "end that process, and try again"
                            : "wait until that is done, and try again")
                ])
        }
        self.path = path
        do throws(StoreError) {
            guard !isHalfRepaired || toRepair else {
                throw StoreError(
                    .damagedCatalog, "the repair of the store in '\(path)' was cut short",
                    about: .store(path), remedies: [.run(.repair(store: path))])
            }
            // SQLite would take it for a new one, and remove the log that may have all that is left.
            guard !isEmpty || isNew || toRepair else {
                throw StoreError(
                    .damagedCatalog, "the catalog of the store in '\(path)' is empty",
                    about: .store(path), remedies: [.restoreBackup])
            }
            catalogPath = try Self.realPath(of: directory) + "/\(StoreLayout.catalog)"
            try Self.requireLocal(path)
        } catch {
            Self.leave(lock)
            throw error
        }
    }

    /// Says that the store is no longer in use here: for a handle that outlives its closing, and where a child
    /// in which another program is about to begin has the file open, too, and with it the lock.
    func leave() { Self.leave(lock) }

    private static func leave(_ lock: File) {
        try? lock.unlock(offset: StoreLayout.LockByte.presence, byteCount: 1)
    }

    /// The directory's path without symbolic links and whatever the process's own directory is, by which
    /// SQLite finds its files again.
    private static func realPath(of directory: Directory) throws(StoreError) -> String {
        do throws(SystemError) {
            let path = try FileSystem.realPath(directory.path)
            let own = try directory.status()
            let found = try FileSystem.status(path, followLinks: false)
            guard found.identity == own.identity else {
                throw SystemError.symbolicLink(directory.path)
            }
            return path
        } catch {
            throw StoreError(system: error, "open the store", otherwise: .cannotCreate)
        }
    }

    private static func missingStore(_ path: String, _ cause: (any Error)?) -> StoreError {
        StoreError(
            .notFound, "there is no store in '\(path)'", about: .store(path),
            remedies: [.make(.store), .choose(.store)], cause: cause)
    }

    /// Makes the catalog's file, empty and for its owner alone, before SQLite opens it: SQLite gives
    /// its other files the same mode. A file that is there is not opened, for closing it again would
    /// drop the locks that SQLite may have on it in this process.
    private static func createCatalog(in directory: Directory) throws(SystemError) {
        do throws(SystemError) {
            _ = try directory.createExclusively(StoreLayout.catalog)
        } catch {
            guard error.isExists else { throw error }
        }
    }

    /// The locks of a network file system can't be relied on.
    static func requireLocal(_ path: String) throws(StoreError) {
        let kind = try translated("look at the file system") { () throws(SystemError) in
            try FileSystem.kind(path)
        }
        guard !kind.isRemote else {
            throw StoreError(
                .cannotCreate,
                """
                '\(path)' is on a network file system (\(kind.name)), whose locks can't be relied on
                """, about: .file(path), remedies: [.choose(.localDisk)])
        }
    }
}
