internal import Dispatch
internal import Logging
internal import SluiceNative
internal import Synchronization

/// Unlinks blobs that nothing references any more, behind the callers' backs (REAP in the DESIGN
/// article): unlink, make that durable, then forget them in a later transaction. A crash in between
/// leaves garbage rows, which the next round finds again.
final class Reaper: Sendable {
    private let catalog: Catalog
    private let blobs: any BlobBackend
    private let lock: StoreLock
    private let logger: Logger
    private let queue = DispatchQueue(label: "sluice.reaper")
    private let isScheduled = Atomic<Bool>(false)

    init(catalog: Catalog, blobs: any BlobBackend, lock: StoreLock, logger: Logger) {
        self.catalog = catalog
        self.blobs = blobs
        self.lock = lock
        self.logger = logger
    }

    /// Has a round begin soon, after whatever goes on now.
    func schedule() {
        guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        queue.async { [self] in
            isScheduled.store(false, ordering: .releasing)
            do throws(StoreError) {
                try reap()
            } catch {
                // It stays garbage, and the next round tries again.
                logger.warning(
                    "removed blobs could not be unlinked", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Waits for the round that goes on, or is scheduled.
    func finish() {
        queue.sync {}
    }

    private func reap() throws(StoreError) {
        guard try lock.tryLockReaping() else { return }
        defer { lock.unlockReaping() }
        let garbage = try catalog.read { reader throws(StoreError) in
            try reader.garbage()
        }
        guard !garbage.isEmpty else { return }
        try blobs.delete(garbage.map(\.objectID))
        let rowIDs = garbage.map(\.rowID)
        try catalog.write { writer throws(StoreError) in
            try writer.forgetGarbage(rowIDs: rowIDs)
        }
    }
}
