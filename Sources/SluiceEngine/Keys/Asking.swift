internal import SluiceAccess
internal import Synchronization

/// When a key was asked for: noted before the vault, or a cache, is asked for it, and compared when the key is
/// kept, which is right only if no access has changed in between.
///
/// Whoever keeps a key first puts it into the cache, then compares, and takes it out again if anything has
/// changed. A change that comes after the comparison has everything dropped that is there by then. One that
/// came before has moved the epoch, or, if it was older than what was asked of the cache but its dropping was
/// still under way, the count of what was wiped: data keys go first, then that is counted, then goes what
/// derives from them.
struct Asking {
    private let epoch: UInt64
    private let wipeCount: Int

    init(epoch: UInt64, wipeCount: Int) {
        self.epoch = epoch
        self.wipeCount = wipeCount
    }

    /// Whether what was answered may be kept.
    func isCurrent(_ gate: ReleaseGate, in cache: ObjectCache) -> Bool {
        wipeCount == cache.wipeCount.load(ordering: .sequentiallyConsistent)
            && epoch == gate.epoch
    }
}
