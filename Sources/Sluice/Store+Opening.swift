@_exported public import SluiceAccess
@_exported public import SluiceEngine
internal import SluiceNative
@_exported public import SluiceVault

/// A store whose keys are in key vaults of this machine.
extension Store {
    /// The key vaults that the store's keys are in.
    public var vaults: VaultDirectory {
        guard let vaults = keyService as? VaultDirectory else {
            preconditionFailure("the store's keys are in no vaults of this machine")
        }
        return vaults
    }

    /// Opens the store at `location`, and makes it if it isn't there.
    ///
    /// Cleans up what an interrupted put of a process that died left behind. Throws
    /// ``StoreError/Code/newerVersion``, ``StoreError/Code/damagedCatalog``,
    /// ``StoreError/Code/cannotCreate``, ``StoreError/Code/notFound``.
    ///
    /// - Parameter rootKey: Where the vaults' root key is; by default the file `root.key` among them.
    public static func open(
        _ location: StoreLocation, rootKey: RootKeySource = .file(),
        options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try open(
            location.store, options: options,
            keyService: vaultsOpener(location.vaults, rootKey, options))
    }

    /// A store, and a vault, in a new directory that is removed when the store is closed.
    public static func temporary(
        options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        let directory: String
        do throws(SystemError) {
            directory = try FileSystem.temporaryDirectory(prefix: "sluice")
        } catch {
            throw StoreError(system: error, "make a temporary directory", otherwise: .cannotCreate)
        }
        do throws(StoreError) {
            let location = StoreLocation(home: directory)
            return try open(
                location.store, options: options, temporaryDirectory: directory,
                keyService: vaultsOpener(location.vaults, .file(), options))
        } catch {
            try? FileSystem.remove(tree: directory)
            throw error
        }
    }

    /// A store, and a vault, wholly in memory; gone when the last reference to it is.
    public static func inMemory(
        options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try inMemory(options: options) { library throws(StoreError) in
            do throws(VaultError) {
                return try VaultDirectory.inMemory(clock: options.clock, library: library)
            } catch {
                throw StoreError(vault: error, "make a vault in memory")
            }
        }
    }

    /// Puts right what can be put right in a damaged store, and moves what can't to `lost+found` in its
    /// directory: nothing is deleted.
    ///
    /// A damaged catalog is rebuilt from the rows that can still be read in it; counts, references and,
    /// with keys, directories are made anew; objects that can't be read whole are moved, and so are blobs
    /// that no row names. What hangs on something else that is damaged or can't be had (a key, a scope's
    /// row) stays where it is. Nobody else may have the store open; a store that is sound is not changed.
    /// Cut short anywhere, it can be run again.
    ///
    /// Throws ``StoreError/Code/busy`` if the store is open elsewhere, ``StoreError/Code/newerVersion``,
    /// ``StoreError/Code/notFound``, and ``StoreError/Code/damagedCatalog`` if not even the store's id can
    /// be read, with nothing changed.
    ///
    /// - Parameters:
    ///   - rootKey: Where the vaults' root key is; by default the file `root.key` among them.
    ///   - withKeys: Whether to authenticate all content, as ``verify(_:in:progress:)`` does; without, what
    ///     needs no key is done.
    @available(*, noasync)
    public static func repair(
        _ location: StoreLocation, rootKey: RootKeySource = .file(),
        options: StoreOptions = StoreOptions(), withKeys: Bool = true
    ) throws(StoreError) -> RepairReport {
        try StoreRepair.run(
            location.store, options: options, withKeys: withKeys,
            keyService: vaultsOpener(location.vaults, rootKey, options))
    }

    /// Makes a store from a backup, in a directory where there is none.
    ///
    /// The store's vaults must still be there, or be brought back, for anything to be read. Throws
    /// ``StoreError/Code/notFound`` if `path` is no directory with a backup, or one that was cut short,
    /// ``StoreError/Code/integrity`` if it lacks a blob, and ``StoreError/Code/alreadyExists`` if there is a
    /// store already, or by the time that this one is whole. Blobs are copied.
    @available(*, noasync)
    public static func restore(
        from path: String, to location: StoreLocation
    ) throws(StoreError) {
        try restore(from: path, to: location.store)
    }

    static func vaultsOpener(
        _ path: String, _ rootKey: RootKeySource, _ options: StoreOptions
    ) -> KeyServiceOpener {
        { library throws(StoreError) in
            do throws(VaultError) {
                return try VaultDirectory.open(
                    path: path, rootKey: rootKey, clock: options.clock, library: library,
                    barrierHook: options.seams.barrierHook)
            } catch {
                throw StoreError(vault: error, "open the vaults")
            }
        }
    }
}

/// Stores whose keys or whose large objects' blobs are elsewhere.
extension Store {
    /// Opens the store in the directory at `path`, whose keys are asked of `keys`, and makes it if it isn't there.
    ///
    /// Such a store has no ``vaults``: to ask for them is a programming error. Its scopes are made under keys of the
    /// service's; the default one under its platform key, if the first put makes it. The service is closed with the
    /// store. Otherwise as ``open(_:rootKey:options:)``.
    ///
    /// - Parameters:
    ///   - keys: What wraps and unwraps, says who may, and through whose gate bytes are released.
    ///   - blobs: Where the blobs are; nil if they are in the store's directory.
    public static func open(
        directoryAt path: String, keys: any KeyService, blobs: (any BlobBackend)? = nil,
        options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try open(path, options: options, blobs: blobs) { _ in keys }
    }

    /// A store wholly in memory, whose keys are asked of `keys`; see ``open(directoryAt:keys:blobs:options:)``.
    public static func inMemory(
        keys: any KeyService, options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try inMemory(options: options) { _ in keys }
    }

    /// Opens the store at `location`, whose blobs are in `blobs`, and makes it if it isn't there.
    ///
    /// The backend's blobs are this store's alone. Calls that fail by a ``BlobError/isTransient`` error are made
    /// again; who wants another ``BlobRetryPolicy`` than the standard one hands in ``RetryingBlobs`` of his own.
    /// A store is opened with the backend that it was made with: that it has one at all is noted in its directory,
    /// and is otherwise ``StoreError/Code/invalidArgument``; which one, nobody notes.
    ///
    /// Otherwise as ``open(_:rootKey:options:)``. What is put into the catalog (objects that are small) doesn't
    /// concern the backend. Where what is open doesn't survive a removal
    /// (``BlobBackendProperties/openSurvivesRemoval``), a get that is overtaken by an overwrite begins anew, and
    /// one to a sink that has had some bytes throws ``StoreError/Code/busy``.
    ///
    /// - Parameters:
    ///   - blobs: Where the blobs are.
    ///   - rootKey: Where the vaults' root key is; by default the file `root.key` among them.
    public static func open(
        _ location: StoreLocation, blobs: any BlobBackend, rootKey: RootKeySource = .file(),
        options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try open(
            location.store, options: options, blobs: blobs,
            keyService: vaultsOpener(location.vaults, rootKey, options))
    }

    /// Puts right what can be put right in a damaged store whose blobs are in `blobs`; otherwise as
    /// ``repair(_:rootKey:options:withKeys:)``. Blobs that no row names are copied to `lost+found` in the store's
    /// directory, and then removed from the backend.
    @available(*, noasync)
    public static func repair(
        _ location: StoreLocation, blobs: any BlobBackend, rootKey: RootKeySource = .file(),
        options: StoreOptions = StoreOptions(), withKeys: Bool = true
    ) throws(StoreError) -> RepairReport {
        try StoreRepair.run(
            location.store, options: options, withKeys: withKeys, blobs: blobs,
            keyService: vaultsOpener(location.vaults, rootKey, options))
    }
}
