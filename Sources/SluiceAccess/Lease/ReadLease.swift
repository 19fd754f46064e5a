internal import SluiceNative
internal import Synchronization

/// What stands for a barrier where a key service can't wait for its readers: a permission to release that holds for
/// a stated time from the moment at which the service was asked.
///
/// Invariant: nothing is released later than ``seconds`` after the service was last asked and permitted it, by the
/// clock that goes on while the machine sleeps (`CLOCK_BOOTTIME`); a refusal ends the lease at once. A thread asks
/// again when half of the time is over. Who finds the lease over asks by itself, and releases nothing until the
/// service has answered.
///
/// All methods may be called from any thread.
public final class ReadLease: Sendable {
    /// Asks the service whether its keys may still be used, and returns if so.
    public typealias Probe = @Sendable (Deadline) throws(VaultError) -> Void

    /// For how long an answer holds.
    public let seconds: Double

    private let probe: Probe
    /// Even; greater by 2 each time that what was permitted is permitted no more.
    private let epochWord = Atomic<UInt64>(2)
    /// Until when releases may happen, in nanoseconds since the boot; 0 when the lease is over.
    private let end = Atomic<Int>(0)
    private let state = Mutex(State())

    private struct State {
        var callbacks: [UInt64: @Sendable (UInt64) -> Void] = [:]
        var looks: [UInt64: @Sendable () -> Bool] = [:]
        var nextID: UInt64 = 0
        var isKept = false
        var isClosed = false
    }

    /// A lease of so many seconds, at least 1; the service is asked when something is first released.
    public init(seconds: Double, probe: @escaping Probe) {
        self.seconds = max(1, seconds)
        self.probe = probe
    }

    /// The epoch of access: greater after each end of the lease.
    public var epoch: UInt64 { epochWord.load(ordering: .acquiring) }

    /// How long releases may go on without asking, in seconds; 0 when the lease is over.
    public var secondsLeft: Double {
        max(0, Double(end.load(ordering: .acquiring) - BootClock.nowNanoseconds) / 1e9)
    }

    /// Ends the lease, and its asking, for good: every release is refused with `closed`.
    public func close() {
        state.withLock { $0.isClosed = true }
        expire()
    }

    // MARK: For the gate

    /// Returns when a release may happen now: under grants of the present epoch, while the lease holds.
    ///
    /// - Throws: Why the service, or `authority`, permits it no more, or didn't answer.
    @usableFromInline
    func enter(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) {
        while true {
            let epoch = epoch
            if passage.holds(epoch), BootClock.nowNanoseconds < end.load(ordering: .acquiring) {
                return
            }
            if BootClock.nowNanoseconds >= end.load(ordering: .acquiring) { try ask() }
            try passage.renew(epoch, authority)
        }
    }

    // MARK: Asking

    /// Asks the service now. An answer counts from the moment of asking.
    ///
    /// - Throws: The refusal, which ends the lease; or why there is no answer, which leaves it to run out.
    public func ask(_ deadline: Deadline = .seconds(10)) throws(VaultError) {
        guard !state.withLock({ $0.isClosed }) else {
            throw VaultError(.closed, "the key service was closed: open it again")
        }
        let (asked, epoch) = (BootClock.nowNanoseconds, epoch)
        do throws(VaultError) {
            try probe(deadline)
        } catch {
            if error.isRefusal { expire() }
            throw error
        }
        keep()
        state.withLock { _ in
            // Refused to somebody else meanwhile: this answer is the older one.
            guard self.epoch == epoch else { return }
            end.max(asked + Int(seconds * 1e9), ordering: .acquiringAndReleasing)
        }
    }

    /// Ends the lease now: what was permitted is asked for again.
    public func expire() {
        let callbacks = state.withLock { state in
            end.store(0, ordering: .releasing)
            epochWord.add(2, ordering: .acquiringAndReleasing)
            return Array(state.callbacks.values)
        }
        let epoch = epoch
        for callback in callbacks { callback(epoch) }
    }

    /// Has a thread ask again in time, as long as somebody holds the lease. Without one it runs out, and is asked
    /// for by whoever next releases.
    private func keep() {
        let isToStart = state.withLock { state in
            defer { state.isKept = true }
            return !state.isKept && !state.isClosed
        }
        guard isToStart else { return }
        let step = Int(seconds * 1e9 / 8)
        let thread = try? NativeThread.start { [weak self] in
            while let lease = self, lease.lookAgain() {
                NativeThread.sleep(nanoseconds: step)
            }
        }
        if thread == nil { state.withLock { $0.isKept = false } }
    }

    /// Asks if half of the time is over; ends what has run out. False once it is closed.
    private func lookAgain() -> Bool {
        let (isClosed, looks) = state.withLock { ($0.isClosed, Array($0.looks.values)) }
        guard !isClosed else { return false }
        for look in looks where look() { expire() }
        let end = end.load(ordering: .acquiring)
        guard end != 0 else { return true }
        let left = end - BootClock.nowNanoseconds
        if left < Int(seconds * 1e9 / 2) {
            do throws(VaultError) {
                try ask(.seconds(max(0.1, Double(left) / 1e9)))
            } catch {
                if BootClock.nowNanoseconds >= end { expire() }
            }
        }
        return true
    }

    // MARK: Watching

    /// Has `callback` called whenever the lease has ended, in the thread that found it out.
    func add(_ callback: @escaping @Sendable (UInt64) -> Void) -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            state.callbacks[state.nextID] = callback
            return state.nextID
        }
    }

    /// Has `look` called several times in the lease's time, while it is held; where it says so, the lease ends.
    func add(look: @escaping @Sendable () -> Bool) -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            state.looks[state.nextID] = look
            return state.nextID
        }
    }

    func remove(_ id: UInt64) {
        // Dropped outside of the lock: what they hold may end with them.
        _ = state.withLock { state in
            (state.callbacks.removeValue(forKey: id), state.looks.removeValue(forKey: id))
        }
    }
}

extension VaultError {
    /// Whether the service has said no, rather than nothing.
    fileprivate var isRefusal: Bool {
        let refusals: [Code] = [
            .accessDenied, .identityDisabled, .keyNotFound, .keyDeleted, .keyDisabled,
            .vaultNotFound, .vaultDeleted, .keyExpired, .keyNotYetValid, .operationNotPermitted,
        ]
        return refusals.contains(code)
    }
}
