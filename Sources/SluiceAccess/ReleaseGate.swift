internal import SluiceNative

/// What the releases of those who use a key service go through, by which access is taken away from them.
public enum ReleaseGate: Sendable {
    /// Who takes access away waits until nobody releases anything that was allowed before.
    case barrier(ReadBarrier)
    /// Releases go on for a stated time at most after access was taken away.
    case lease(ReadLease)

    /// The epoch of access: odd while a change is under way, greater after each.
    public var epoch: UInt64 {
        switch self {
        case .barrier(let barrier): barrier.epoch
        case .lease(let lease): lease.epoch
        }
    }

    /// Has `callback` called after each change of access that is noticed, even if this process is idle; until the
    /// registration is cancelled or goes.
    ///
    /// - Throws: `closed`; `io` if the system has no thread left.
    public func onAdvance(
        _ callback: @escaping @Sendable (UInt64) -> Void
    ) throws(VaultError) -> GateRegistration {
        switch self {
        case .barrier(let barrier): return try barrier.onAdvance(callback)
        case .lease(let lease):
            do throws(SystemError) {
                let id = try lease.add(callback)
                return GateRegistration { lease.remove(id) }
            } catch {
                throw VaultError(error, while: "watching the lease of the keys")
            }
        }
    }

    /// Has `look` called now and then; where it says so, the callbacks of ``onAdvance(_:)`` are called.
    package func onLook(_ look: @escaping @Sendable () -> Bool) -> GateRegistration {
        switch self {
        case .barrier(let barrier): return barrier.onLook(look)
        case .lease(let lease):
            // Without a thread for it, it is looked at when something is next asked for.
            guard let id = try? lease.add(look: look) else { return GateRegistration {} }
            return GateRegistration { lease.remove(id) }
        }
    }

    /// Waits again for everybody who releases under what was allowed before. Under a lease nobody can be waited for:
    /// everything is asked for again in this process, and the others are unconfirmed.
    ///
    /// - Throws: `busy`, `io`, `closed`, `replaced`, `damaged`.
    public func confirm(waiting deadline: Deadline) throws(VaultError) -> BarrierConfirmation {
        switch self {
        case .barrier(let barrier): return try barrier.confirm(waiting: deadline)
        case .lease(let lease):
            lease.noteRefusal()
            return BarrierConfirmation(
                epoch: lease.epoch, isConfirmed: false, unconfirmedProcessIDs: [],
                unconfirmedElsewhere: [], commitNanoseconds: 0, waitNanoseconds: 0)
        }
    }
}

/// A callback of a gate, until this value is cancelled or goes. For any thread.
public final class GateRegistration: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) { self.end = end }

    deinit { cancel() }

    /// Ends it: no call begins after this returns, but one that has begun may still run in its thread.
    public func cancel() { end() }
}
