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
        try repair(
            location.store, options: options, withKeys: withKeys, blobs: blobs,
            keyService: vaultsOpener(location.vaults, rootKey, options))
    }
}
