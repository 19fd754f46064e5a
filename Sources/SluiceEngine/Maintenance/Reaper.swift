internal import Logging
internal import SluiceNative
internal import Synchronization

/// Removes what was in scopes that are gone, and unlinks blobs that nothing references any more, behind the callers' backs (REAP in the DESIGN
/// article): settle what made them garbage, unlink, make that durable, then forget them in a later
/// transaction. A crash in between leaves garbage rows, which the next round finds again.
final class Reaper: Sendable {
    private let catalog: any CatalogStore
    private let blobs: StoredBlobs
    private let lock: StoreLock
    private let logger: Logger
    private let onMoment: (@Sendable (StoreMoment) -> Void)?
    private let line = WorkLine()
    private let roundHandler = Mutex<(@Sendable () throws(StoreError) -> Void)?>(nil)
    private let isScheduled = Atomic<Bool>(false)
    private let isClosing = Atomic<Bool>(false)
    private let isFinished = Atomic<Bool>(false)

    /// Another process's round, or a backup, may have begun before this garbage was there: so a round
    /// that finds the lock taken comes again.
    private static let retryNanoseconds = 50_000_000
    /// Rows of removed scopes that a transaction removes.
    private static let removalCount = 1000
    /// Blobs that are unlinked, and forgotten in a transaction.
    private static let garbageCount = 1000
    /// Transactions that a store is closed after, at the latest.
    private static let closingBatchCount = 16

    init(
        catalog: any CatalogStore, blobs: StoredBlobs, lock: StoreLock, logger: Logger,
        onMoment: (@Sendable (StoreMoment) -> Void)?
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.lock = lock
        self.logger = logger
        self.onMoment = onMoment
    }

    /// What else is removed behind the callers' backs, in each round before what it leaves is reaped.
    func setRoundHandler(_ handler: @escaping @Sendable () throws(StoreError) -> Void) {
        roundHandler.withLock { $0 = handler }
    }

    /// Has a round begin soon, after whatever goes on now.
    func schedule() {
        guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        begin { [self] in round() }
    }

    /// Waits for the round that goes on, or is about to begin; none comes after it.
    func finish() {
        isClosing.store(true, ordering: .releasing)
        line.wait()
        isFinished.store(true, ordering: .releasing)
    }

    /// Where no thread can be had, garbage waits for the next round, or for whoever opens the store next.
    private func begin(_ piece: @escaping @Sendable () -> Void) {
        if !line.add(piece) { isScheduled.store(false, ordering: .releasing) }
    }

    private func round() {
        guard !isFinished.load(ordering: .acquiring) else { return }
        isScheduled.store(false, ordering: .releasing)
        do throws(StoreError) {
            guard try !reap(), !isClosing.load(ordering: .acquiring) else { return }
            isScheduled.store(true, ordering: .releasing)
            begin { [self] in
                guard isStillOpen(after: Self.retryNanoseconds) else { return }
                round()
            }
        } catch {
            // It stays garbage, and the next round tries again.
            logger.warning(
                "removed blobs could not be unlinked", metadata: ["error": "\(error)"])
        }
    }

    /// Waits, but not for long once the store is being closed.
    private func isStillOpen(after nanoseconds: Int) -> Bool {
        let stepCount = 25
        for _ in 0..<stepCount where !isClosing.load(ordering: .acquiring) {
            NativeThread.sleep(nanoseconds: nanoseconds / stepCount)
        }
        return !isClosing.load(ordering: .acquiring)
    }

    /// What fails here keeps nothing from being unlinked.
    private func runRoundHandler() {
        do throws(StoreError) {
            try roundHandler.withLock { $0 }?()
        } catch {
            guard !isClosing.load(ordering: .acquiring) else { return }
            logger.warning(
                "what is due to be removed could not be", metadata: ["error": "\(error)"])
        }
    }

    /// Unlinks what is garbage now; false if another has the lock.
    private func reap() throws(StoreError) -> Bool {
        guard try lock.tryLockReaping() else { return false }
        defer { lock.unlockReaping() }
        runRoundHandler()
        while try catalog.removeContents(limit: Self.removalCount) {
            // What is left is removed by whoever opens the store next.
            guard !isClosing.load(ordering: .acquiring) else { return true }
        }
        var count = 0
        // A store that is closed leaves nothing behind, unless that would take long.
        while count < Self.closingBatchCount || !isClosing.load(ordering: .acquiring) {
            count += 1
            let garbage = try catalog.garbage(limit: Self.garbageCount)
            guard !garbage.isEmpty else { return true }
            // A power cut brings no row back whose blob is gone.
            try catalog.settle()
            try blobs.delete(garbage.map(\.objectID))
            onMoment?(.reaped)
            // Those of extents may become garbage by this.
            try catalog.forgetGarbage(rowIDs: garbage.map(\.rowID))
        }
        return true
    }
}
