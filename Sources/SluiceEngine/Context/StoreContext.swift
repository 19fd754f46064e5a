internal import Logging
internal import SluiceAccess
internal import SluiceNative

/// What the components of an open store share: what it is made of, and whether it may still be used. Thread-safe.
final class StoreContext: Sendable {
    let catalog: Catalog
    let blobs: StoredBlobs
    /// What the store's keys are asked of.
    let keyService: any KeyService
    let access: KeyAccess
    let library: CryptoLibrary
    let workers: Workers
    let clock: any VaultClock
    let logger: Logger
    let onMoment: (@Sendable (StoreMoment) -> Void)?
    /// Nil in memory.
    let files: StoreFiles?
    let objectsPerDataKey: Int
    let openScopeCount: Int
    private let cancellation = Guarded(Cancellation())
    /// Why it serves nobody any more: it was closed, or its files are others by now.
    private let end = Guarded<StoreError?>(nil)

    init(
        catalog: Catalog, blobs: StoredBlobs, keyService: any KeyService,
        library: CryptoLibrary, files: StoreFiles?, options: StoreOptions
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.keyService = keyService
        self.library = library
        self.files = files
        objectsPerDataKey = options.objectsPerDataKey
        openScopeCount = options.seams.openScopeCount
        clock = options.clock
        access = catalog.access
        workers = Workers(count: max(1, options.workerCount ?? Processor.count), library: library)
        logger =
            options.logger ?? Logger(label: "sluice", factory: { _ in SwiftLogNoOpLogHandler() })
        onMoment = options.seams.onMoment
    }

    // MARK: Use and end

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

    /// Refuses everything from now on; false if that was so already.
    func close() -> Bool {
        end.withLock { end in
            defer { end = StoreError(.closed, "the store is closed", remedies: [.reopen]) }
            return end?.code != .closed
        }
    }

    /// The operation that begins now: cancelled by ``cancelAll()``, or by itself.
    func beginOperation() -> Cancellation {
        Cancellation(parent: cancellation.withLock { $0 })
    }

    /// Cancels the operations that have begun.
    func cancelAll() {
        cancellation.withLock { current in
            current.cancel()
            current = Cancellation()
        }
    }

    // MARK: Places

    /// What releases go through.
    func gate() throws(StoreError) -> ReleaseGate {
        try translated("open the vaults' read barrier") { () throws(VaultError) in
            try keyService.gate()
        }
    }

    /// Where the vaults are told that the store is: they ask it what still needs a key version.
    var registeredPath: String? {
        guard let files else { return nil }
        return (try? FileSystem.realPath(files.path)) ?? files.path
    }
}
