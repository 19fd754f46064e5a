internal import Dispatch
internal import Logging
package import SluiceAccess
internal import SluiceFormat
package import SluiceNative
internal import Synchronization

/// An encrypted store of named objects, sealed under keys that its owner holds in a key vault.
///
/// ```swift
/// let store = try Store.temporary()
/// try store.put([1, 2, 3], as: ObjectName("numbers"))
/// let bytes = try store.get(ObjectName("numbers"))
/// ```
///
/// Every synchronous call has an `async` overload of the same name, which runs on a queue of the
/// store's own and can be cancelled. A write that returned has been committed, as ``Durability``
/// says; an object that is being replaced is read in its old version or its new one, never in parts
/// of both. Several processes may have one store open. All methods are thread-safe and throw
/// ``StoreError``.
public final class Store: Sendable {
    /// What the store's keys are asked of.
    package let keyService: any KeyService
    let catalog: Catalog
    let blobs: StoredBlobs
    let library: CryptoLibrary
    let workers: Workers
    let knownObjects = KeyCache<KnownObject>(limit: Store.knownObjectCount)
    let dataKeyCache = KeyCache<DataKey>(limit: Store.cachedDataKeyCount)
    /// How often data keys were taken out of the caches, and what derives from them is about to be.
    let wipeCount = Atomic<Int>(0)
    let objectsPerDataKey: Int
    let readRewrapper = ReadRewrapper()
    let clock: any VaultClock
    let cancellation = Guarded(Cancellation())
    let queue = DispatchQueue(label: "sluice.store", attributes: .concurrent)
    let commitLanes = CommitLanes()
    let reaper: Reaper
    let access: KeyAccess
    let logger: Logger
    let onMoment: (@Sendable (StoreMoment) -> Void)?
    /// Wipes keys when access to them is gone, once there are any.
    let accessWatch = Mutex<[GateRegistration]>([])
    /// Nil in memory.
    let files: StoreFiles?
    let openScopes = Guarded<[ScopeName: Scope]>([:])
    /// Held by the one thread that makes the default scope.
    let defaultScopeTurn = Mutex(())
    let openListings = OpenListings()
    /// Why it serves nobody any more: it was closed, or its files are others by now.
    private let end = Guarded<StoreError?>(nil)
    /// A directory that goes when the store is closed.
    private let temporaryDirectory: String?

    /// Objects whose keys and rows are kept for the next read: about 1 KiB each.
    private static let knownObjectCount = 32_768
    private static let cachedDataKeyCount = 8192

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
        let wasClosed = end.withLock { end in
            defer { end = StoreError(.closed, "the store is closed") }
            return end?.code == .closed
        }
        guard !wasClosed else { return }
        cancelAll()
        accessWatch.withLock { $0 = [] }
        for listing in openListings.all { listing.drop() }
        readRewrapper.finish()
        blobs.close()
        reaper.finish()
        catalog.close()
        workers.drain()
        knownObjects.removeAll()
        dataKeyCache.removeAll()
        openScopes.withLock { $0.removeAll() }
        keyService.close()
        files?.leave()
        guard let temporaryDirectory else { return }
        do throws(SystemError) {
            try FileSystem.remove(tree: temporaryDirectory)
        } catch {
            throw StoreError(system: error, "remove the temporary store")
        }
    }

    deinit {
        // For those who forget to close; there is nobody to tell if it fails.
        try? close()
    }

    /// Ends every operation in flight with ``StoreError/Code/cancelled``; later ones are not affected.
    public func cancelAll() {
        cancellation.withLock { current in
            current.cancel()
            current = Cancellation()
        }
    }

    // MARK: Operations

    /// Whether the store was made, or its making ended, when it was opened.
    package var isNew: Bool { files?.isNew ?? true }

    /// Throws ``StoreError/Code/closed`` once the store is, and ``StoreError/Code/replaced`` once it was found
    /// that its files are others.
    func checkOpen() throws(StoreError) {
        if let end = end.withLock({ $0 }) { throw end }
    }

    /// Looks whether the store's files are those that were opened, and refuses everything if not.
    func lookAtFiles() {
        do throws(StoreError) {
            try catalog.place.check()
        } catch {
            guard error.code == .replaced else { return }
            end.withLock { $0 = $0 ?? error }
        }
    }

    /// The operation that begins now: cancelled by ``cancelAll()``, or by itself.
    func beginOperation() -> Cancellation {
        Cancellation(parent: cancellation.withLock { $0 })
    }

    // MARK: Making

    /// The store whose files were opened already: a repair holds them alone.
    convenience init(
        _ files: StoreFiles, options: StoreOptions, temporaryDirectory: String? = nil,
        blobs backend: (any BlobBackend)? = nil, keyService: KeyServiceOpener
    ) throws(StoreError) {
        let library = try Self.loadLibrary(options)
        let keyService = try keyService(library)
        let lock = StoreLock(file: files.lock)
        let catalog = try Catalog(
            path: files.catalogPath, in: files.directory, lock: lock,
            reserve: files.reserve(
                byteCount: options.durability == .full ? options.reserveByteCount : 0),
            durability: options.durability, library: library,
            creating: options.createIfMissing && files.isNew
                ? try Self.newStoreRow(library) : nil, keyService: keyService, seams: options.seams)
        let blobs = try Self.blobs(backend, of: files, options)
        try Self.note(files, in: catalog.place)
        try self.init(
            catalog: catalog, blobs: blobs, keyService: keyService, library: library, lock: lock,
            files: files, options: options, temporaryDirectory: temporaryDirectory)
        try recover()
        tellPlace()
    }

    private convenience init(
        inMemory options: StoreOptions, keyService: KeyServiceOpener
    ) throws(StoreError) {
        let library = try Self.loadLibrary(options)
        let keyService = try keyService(library)
        let lock = StoreLock(file: nil)
        let row = try Self.newStoreRow(library)
        let catalog = try Catalog(
            path: "file:/\(String(hexadecimal: row.storeID))?vfs=memdb", in: nil, lock: lock,
            reserve: nil, durability: .none, library: library, creating: row,
            keyService: keyService,
            seams: options.seams)
        try self.init(
            catalog: catalog, blobs: StoredBlobs(backend: MemoryBlobBackend()),
            keyService: keyService, library: library, lock: lock, files: nil, options: options,
            temporaryDirectory: nil)
    }

    private init(
        catalog: Catalog, blobs: StoredBlobs, keyService: any KeyService, library: CryptoLibrary,
        lock: StoreLock, files: StoreFiles?, options: StoreOptions, temporaryDirectory: String?
    ) throws(StoreError) {
        self.catalog = catalog
        self.blobs = blobs
        self.keyService = keyService
        self.library = library
        self.files = files
        self.temporaryDirectory = temporaryDirectory
        objectsPerDataKey = options.objectsPerDataKey
        clock = options.clock
        access = catalog.access
        workers = Workers(count: max(1, options.workerCount ?? Processor.count), library: library)
        logger =
            options.logger ?? Logger(label: "sluice", factory: { _ in SwiftLogNoOpLogHandler() })
        onMoment = options.seams.onMoment
        access.setRefusalHandler { [workers] in workers.drain() }
        let reaper = Reaper(
            catalog: catalog, blobs: blobs, lock: lock, logger: logger, onMoment: onMoment)
        self.reaper = reaper
        catalog.setGarbageHandler { reaper.schedule() }
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
        let lock: FileStatus
        do throws(SystemError) {
            lock = try files.lock.status()
        } catch {
            throw StoreError(system: error, "open the store")
        }
        try place.add(StoreLayout.lock, lock)
        try place.add(StoreLayout.blobs)
    }

    private static func loadLibrary(_ options: StoreOptions) throws(StoreError) -> CryptoLibrary {
        do throws(CryptoError) {
            return try CryptoLibrary.load(requireFIPS: options.requireFIPS)
        } catch {
            throw StoreError(crypto: error, "loading OpenSSL")
        }
    }

    private static func newStoreRow(
        _ library: CryptoLibrary
    ) throws(StoreError) -> Catalog.StoreRow {
        Catalog.StoreRow(
            storeID: try library.identifier(), formatVersion: Int(Format.version))
    }
}
