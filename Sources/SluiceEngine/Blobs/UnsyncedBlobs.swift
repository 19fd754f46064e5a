internal import SluiceNative
internal import Synchronization

/// Blobs of this process that are committed and not durable yet (``BlobPlan/isDurableLater``): each a file in
/// `staging/` that is held open here, and with that its lock.
///
/// That a file is open means that whatever keeps it from the disk is told to the next who syncs it. Its number is
/// bounded: who adds one too many gets the oldest, to be made durable. Thread-safe.
final class UnsyncedBlobs: Sendable {
    /// One of them. Thread-safe.
    final class Blob: Sendable {
        let objectID: [UInt8]
        private let file: File
        /// Whether a sync failed: what it was to write is in memory alone then, and no later sync writes it.
        private let mayBeLost = Guarded(false)

        init(objectID: [UInt8], file: File) {
            self.objectID = objectID
            self.file = file
        }

        func sync() throws(SystemError) {
            try mayBeLost.withLock { mayBeLost throws(SystemError) in
                if mayBeLost { try file.writeAgain() }
                mayBeLost = true
                try file.sync()
                mayBeLost = false
            }
        }
    }

    private struct State {
        var blobs: [[UInt8]: Blob] = [:]
        /// Those that the catalog names, the oldest first; some may be gone.
        var named: [[UInt8]] = []
    }

    private let state = Mutex(State())

    /// Files that are held open at most, and those that are then made durable at once.
    static let limit = 128
    private static let batchCount = 64

    func add(_ blob: Blob) {
        state.withLock { $0.blobs[blob.objectID] = blob }
    }

    subscript(_ objectID: [UInt8]) -> Blob? {
        state.withLock { $0.blobs[objectID] }
    }

    func remove(_ objectID: [UInt8]) {
        state.withLock { state in
            guard state.blobs.removeValue(forKey: objectID) != nil else { return }
            if state.named.count > 2 * state.blobs.count + Self.batchCount {
                state.named.removeAll { [blobs = state.blobs] in blobs[$0] == nil }
            }
        }
    }

    /// Notes that the catalog names a blob; gives those that are to be made durable now, since there are too many.
    func noteNamed(_ objectID: [UInt8]) -> [[UInt8]] {
        state.withLock { state in
            guard state.blobs[objectID] != nil else { return [] }
            state.named.append(objectID)
            guard state.blobs.count > Self.limit else { return [] }
            let oldest = state.named.prefix(Self.batchCount)
            state.named.removeFirst(oldest.count)
            return oldest.filter { state.blobs[$0] != nil }
        }
    }
}
