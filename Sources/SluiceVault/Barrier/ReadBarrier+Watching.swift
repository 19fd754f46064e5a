internal import SluiceNative

extension ReadBarrier {
    /// Has `callback` called after each change of access in any process, within milliseconds, even if this
    /// process is idle.
    ///
    /// It is given the epoch, odd if yet another change is under way. Changes in quick succession may be
    /// told together, and nothing be told twice; what matters is told after it was committed. It is called
    /// in a thread of its own, one callback after another, so it must not take long. It ends with the
    /// registration, or with ``close()``.
    ///
    /// - Throws: `closed`; `io` if the system has no thread left.
    public func onAdvance(
        _ callback: @escaping @Sendable (UInt64) -> Void
    ) throws(VaultError) -> BarrierRegistration {
        try requireUsable()
        do throws(SystemError) {
            return BarrierRegistration(watcher, try watcher.add(callback))
        } catch {
            throw VaultError(error, while: "watching the barrier of the vaults")
        }
    }
}

/// A callback that a barrier makes, until this value is cancelled or goes. For any thread.
public final class BarrierRegistration: Sendable {
    private let watcher: BarrierWatcher
    private let id: UInt64

    init(_ watcher: BarrierWatcher, _ id: UInt64) {
        self.watcher = watcher
        self.id = id
    }

    deinit { cancel() }

    /// Ends it: no call begins after this returns, but one that has begun may still run in its thread.
    public func cancel() { watcher.remove(id) }
}
