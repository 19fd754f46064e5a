internal import Logging
package import SluiceAccess
internal import SluiceFormat
package import SluiceNative
internal import Synchronization

/// An encrypted store of named objects, sealed under keys that its owner holds in a key vault.
///
/// ```swift
/// let store = try Store.temporary()
/// try store.put([1, 2, 3], as: "numbers")
/// let bytes = try store.get("numbers")
/// ```
///
/// Every synchronous call has an `async` overload of the same name, which runs on a queue of the
/// store's own and can be cancelled. A write that returned has been committed, as ``Durability``
/// says; an object that is being replaced is read in its old version or its new one, never in parts
/// of both. Several processes may have one store open. All methods are thread-safe and throw
/// ``StoreError``.
public final class Store: Sendable {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let scopeAdministration: ScopeAdministration
    let authorizer: ReadAuthorizer
    let keyring: ObjectKeyring
    let finder: ObjectFinder
    let readRewrapper: ReadRewrapper
    let contents: ObjectContents
    let objectReader: ObjectReader
    let objectWriter: ObjectWriter
    let objectNames: ObjectNames
    let versionKeeper: VersionKeeper
    /// Leases of objects, and holds on them.
    public let leases: ObjectLeases
    let copier: ObjectCopier
    let editor: ObjectEditor
    let uploads: Uploads
    let keylessObjects: KeylessObjects
    let listings: Listings
    let pinKeeper: PinKeeper
    let ownFiles: OwnFiles
    let treePutter: TreePutter
    let treeGetter: TreeGetter
    let treeRemover: TreeRemover
    let treeRestorer: TreeRestorer
    let keylessVerifier: KeylessVerifier
    let verifier: Verifier
    let repairer: Repairer
    let rewrapper: Rewrapper
    let retirement: Retirement
    let backupMaker: BackupMaker
    let accessWatch: AccessWatch
    let reaper: Reaper
    let recovery: Recovery
    let runner: OperationRunner
    /// A directory that goes when the store is closed.
    private let temporaryDirectory: String?

    // MARK: Opening and closing

    /// Opens what the store's keys are asked of, with the library that the store has loaded.
    package typealias KeyServiceOpener =
        (CryptoLibrary) throws(StoreError) -> any KeyService

    /// Opens the store in the directory at `path`, and makes it if `options` say so and it isn't there.
    ///
    /// Cleans up what an interrupted put of a process that died left behind. Throws
    /// ``StoreError/Code/newerVersion``, ``StoreError/Code/damagedCatalog``,
    /// ``StoreError/Code/cannotCreate``, ``StoreError/Code/notFound``.
    ///
    /// - Parameters:
    ///   - temporaryDirectory: Removed when the store is closed.
    ///   - backend: Where the blobs are; nil if they are in files in the same directory.
    package static func open(
        _ path: String, options: StoreOptions, temporaryDirectory: String? = nil,
        blobs backend: (any BlobBackend)? = nil, keyService: KeyServiceOpener
    ) throws(StoreError) -> Store {
        let files = try StoreFiles(
            path, create: options.createIfMissing, durability: options.durability)
        do throws(StoreError) {
            return try Store(
                files, options: options, temporaryDirectory: temporaryDirectory,
                blobs: backend, keyService: keyService)
        } catch {
            files.leave()
            throw error
        }
    }

    /// A store wholly in memory; gone when the last reference to it is.
    package static func inMemory(
        options: StoreOptions, keyService: KeyServiceOpener
    ) throws(StoreError) -> Store {
        try Store(inMemory: options, keyService: keyService)
    }

    /// Ends the store's use: what is in flight is cancelled, and idle keys and buffers are wiped.
    ///
    /// Whatever is asked for afterwards throws ``StoreError/Code/closed``. Closing again does
    /// nothing.
    public func close() throws(StoreError) {
        guard context.close() else { return }
        context.cancelAll()
        accessWatch.finish()
        for listing in listings.begun.all { listing.drop() }
        readRewrapper.finish()
        context.blobs.close()
        reaper.finish()
        listings.runs.finish()
        context.catalog.close()
        context.workers.drain()
        cache.removeAll()
        registry.removeAll()
        keyService.close()
        context.files?.leave()
        guard let temporaryDirectory else { return }
        try translated("remove the temporary store") { () throws(SystemError) in
            try FileSystem.remove(tree: temporaryDirectory)
        }
    }

    deinit {
        // For those who forget to close; there is nobody to tell if it fails.
        try? close()
    }

    /// Ends every operation in flight with ``StoreError/Code/cancelled``; later ones are not affected.
    public func cancelAll() { context.cancelAll() }

    /// Whether this process may only read the store, verify it and copy it, for it can't write to its files: what
    /// would change it throws ``StoreError/Code/readOnly``.
    public var isReadOnly: Bool { !context.isWritable }

    /// Whether the store was made, or its making ended, when it was opened.
    package var isNew: Bool { context.files?.isNew ?? true }

    /// What the store's keys are asked of.
    package var keyService: any KeyService { context.keyService }

    // MARK: Making

    /// The store whose files were opened already: a repair holds them alone.
    convenience init(
        _ files: StoreFiles, options: StoreOptions, temporaryDirectory: String? = nil,
        blobs backend: (any BlobBackend)? = nil, keyService: KeyServiceOpener
    ) throws(StoreError) {
        let library = try Self.loadLibrary(options)
        let keyService = try keyService(library)
        let lock = StoreLock(files)
        let permit = KeyPermit(keyService, seams: options.seams)
        let catalog = try SQLiteCatalog(
            path: files.catalogPath, in: files.directory, isWritable: files.isWritable, lock: lock,
            reserve: files.reserve(
                byteCount: options.durability == .full ? options.reserveByteCount : 0),
            durability: options.durability,
            creating: options.createIfMissing && files.isNew && files.isWritable
                ? try Self.newStoreRow(library) : nil,
            permit: permit, checkpointFrameCount: options.seams.checkpointFrameCount)
        let blobs = try Self.blobs(backend, of: files, options)
        try Self.note(files, in: catalog.place)
        try self.init(
            catalog: catalog, blobs: blobs, permit: permit, library: library, lock: lock,
            files: files, options: options, temporaryDirectory: temporaryDirectory)
        guard files.isWritable else { return }
        try recovery.recover()
        recovery.tellPlace()
    }

    private convenience init(
        inMemory options: StoreOptions, keyService: KeyServiceOpener
    ) throws(StoreError) {
        let library = try Self.loadLibrary(options)
        let keyService = try keyService(library)
        let lock = StoreLock(nil)
        let row = try Self.newStoreRow(library)
        let permit = KeyPermit(keyService, seams: options.seams)
        let catalog = try SQLiteCatalog(
            path: "file:/\(String(hexadecimal: row.storeID))?vfs=memdb", in: nil, lock: lock,
            reserve: nil, durability: .none, creating: row, permit: permit,
            checkpointFrameCount: options.seams.checkpointFrameCount)
        try self.init(
            catalog: catalog, blobs: StoredBlobs(backend: MemoryBlobBackend()),
            permit: permit, library: library, lock: lock, files: nil, options: options,
            temporaryDirectory: nil)
    }

    private init(
        catalog: any CatalogStore, blobs: StoredBlobs, permit: KeyPermit,
        library: CryptoLibrary,
        lock: StoreLock, files: StoreFiles?, options: StoreOptions, temporaryDirectory: String?
    ) throws(StoreError) {
        self.temporaryDirectory = temporaryDirectory
        let access = KeyAccess(
            permit, identity: Identity(storeID: catalog.store.storeID), seams: options.seams)
        let context = StoreContext(
            catalog: catalog, blobs: blobs, access: access, library: library, files: files,
            options: options)
        self.context = context
        cache = ObjectCache()
        runner = OperationRunner(context: context)
        ownFiles = OwnFiles(context: context)
        let opener = ScopeOpener(context: context)
        let maker = ScopeMaker(context: context, opener: opener)
        let adoption = KeyAdoption(context: context, opener: opener)
        registry = ScopeRegistry(
            context: context, cache: cache, opener: opener, maker: maker, adoption: adoption)
        scopeAdministration = ScopeAdministration(
            context: context, registry: registry, maker: maker, adoption: adoption)
        let dataKeys = DataKeys(context: context, cache: cache)
        keyring = ObjectKeyring(
            context: context, cache: cache, registry: registry, dataKeys: dataKeys)
        authorizer = ReadAuthorizer(context: context, keyring: keyring)
        let states = ObjectStates(context: context)
        finder = ObjectFinder(
            context: context, cache: cache, registry: registry, authorizer: authorizer,
            states: states)
        readRewrapper = ReadRewrapper(
            context: context, cache: cache, dataKeys: dataKeys)
        contents = ObjectContents(
            context: context, cache: cache, registry: registry, finder: finder, keyring: keyring,
            authorizer: authorizer, readRewrapper: readRewrapper)
        objectReader = ObjectReader(context: context, contents: contents, authorizer: authorizer)
        let sealer = ObjectSealer(context: context, dataKeys: dataKeys)
        versionKeeper = VersionKeeper(
            context: context, cache: cache, registry: registry, finder: finder, sealer: sealer,
            authorizer: authorizer)
        leases = ObjectLeases(
            LeaseKeeper(
                context: context, registry: registry, finder: finder, states: states,
                authorizer: authorizer), runner)
        objectWriter = ObjectWriter(
            context: context, cache: cache, registry: registry, authorizer: authorizer,
            finder: finder, sealer: sealer, versionKeeper: versionKeeper)
        objectNames = ObjectNames(
            context: context, cache: cache, registry: registry, finder: finder,
            authorizer: authorizer, sealer: sealer, versionKeeper: versionKeeper,
            keyring: keyring)
        let extentWriter = ExtentWriter(
            context: context, sealer: sealer, objectWriter: objectWriter)
        copier = ObjectCopier(
            context: context, contents: contents, objectWriter: objectWriter,
            extentWriter: extentWriter)
        editor = ObjectEditor(
            context: context, contents: contents, objectWriter: objectWriter,
            extentWriter: extentWriter)
        uploads = Uploads(
            context: context, registry: registry, finder: finder, contents: contents,
            authorizer: authorizer, objectWriter: objectWriter,
            extentWriter: extentWriter)
        keylessObjects = KeylessObjects(context: context, cache: cache, registry: registry)
        listings = Listings(
            context: context, registry: registry, finder: finder, authorizer: authorizer,
            runner: runner,
            runs: ListingRuns(
                context: context, leastNameCount: options.seams.leastRunNameCount))
        pinKeeper = PinKeeper(
            context: context, registry: registry, maker: maker, finder: finder, keyring: keyring,
            authorizer: authorizer)
        treeRemover = TreeRemover(
            context: context, registry: registry, finder: finder, authorizer: authorizer,
            versionKeeper: versionKeeper)
        treeRestorer = TreeRestorer(
            context: context, finder: finder, versionKeeper: versionKeeper)
        treePutter = TreePutter(
            context: context, registry: registry, ownFiles: ownFiles, finder: finder,
            sealer: sealer, objectWriter: objectWriter,
            storedFiles: StoredFiles(
                context: context, finder: finder, authorizer: authorizer, keyring: keyring),
            treeRemover: treeRemover, contents: contents, copier: copier)
        treeGetter = TreeGetter(
            context: context, registry: registry, ownFiles: ownFiles, finder: finder,
            contents: contents, objectReader: objectReader, readRewrapper: readRewrapper,
            authorizer: authorizer)
        keylessVerifier = KeylessVerifier(context: context)
        verifier = Verifier(
            context: context, registry: registry, finder: finder, contents: contents,
            authorizer: authorizer, pinKeeper: pinKeeper, keylessVerifier: keylessVerifier)
        repairer = Repairer(
            context: context, registry: registry, finder: finder, contents: contents,
            authorizer: authorizer, pinKeeper: pinKeeper, sealer: sealer,
            keylessVerifier: keylessVerifier, verifier: verifier)
        rewrapper = Rewrapper(
            context: context, cache: cache, registry: registry, finder: finder, dataKeys: dataKeys)
        retirement = Retirement(context: context)
        backupMaker = BackupMaker(context: context, ownFiles: ownFiles)
        accessWatch = AccessWatch(
            context: context, cache: cache, registry: registry, listings: listings.begun)
        reaper = Reaper(
            catalog: catalog, blobs: blobs, lock: lock, logger: context.logger,
            onMoment: context.onMoment)
        reaper.setRoundHandler { [versionKeeper, runs = listings.runs] () throws(StoreError) in
            runs.remove(ofScopes: try catalog.removedScopes())
            try versionKeeper.removeDue(context.beginOperation())
        }
        recovery = Recovery(context: context, reaper: reaper, runs: listings.runs)
        access.setRefusalHandler { [workers = context.workers] in workers.drain() }
        registry.setGateHandler { [accessWatch] gate in accessWatch.watchAccess(gate) }
        catalog.setGarbageHandler { [reaper] in reaper.schedule() }
    }

    /// The store's blobs: in its directory, or in a backend of the caller's.
    private static func blobs(
        _ backend: (any BlobBackend)?, of files: StoreFiles, _ options: StoreOptions
    ) throws(StoreError) -> StoredBlobs {
        if let backend {
            return try BlobsElsewhere.prepare(
                backend, for: files.directory, durability: options.durability)
        }
        do throws(BlobError) {
            guard files.isWritable else {
                return StoredBlobs(backend: try FileBlobBackend(reading: files.directory))
            }
            return StoredBlobs(
                backend: try FileBlobBackend(
                    store: files.directory, durability: options.durability, seams: options.seams))
        } catch {
            guard !BlobsElsewhere.isReason(error, in: files.directory) else {
                throw BlobsElsewhere.elsewhereError(files.path)
            }
            throw StoreError(making: error)
        }
    }

    /// Notes what is open besides the catalog.
    private static func note(
        _ files: StoreFiles, in place: CatalogPlace
    ) throws(StoreError) {
        let lock = try translated("open the store") { () throws(SystemError) in
            try files.lock?.status()
        }
        if let lock { try place.add(StoreLayout.lock, lock) }
        try place.add(StoreLayout.blobs)
    }

    private static func loadLibrary(_ options: StoreOptions) throws(StoreError) -> CryptoLibrary {
        try translated("loading OpenSSL") { () throws(CryptoError) in
            try CryptoLibrary.load(requireFIPS: options.requireFIPS)
        }
    }

    private static func newStoreRow(
        _ library: CryptoLibrary
    ) throws(StoreError) -> StoreRow {
        StoreRow(storeID: try library.identifier(), formatVersion: Int(Format.version))
    }
}
