internal import SluiceNative
internal import Synchronization

/// What stands for a barrier where a key service can't wait for its readers: an answer of the service's holds for
/// a stated time, and is asked for again after that.
///
/// Time is cut into terms of that length, by the clock that goes on while the machine sleeps (`CLOCK_BOOTTIME`),
/// and each term is an epoch. Invariant: a grant is good in the term in which it was asked for, and in no other;
/// so nothing is released later than ``seconds`` after the service was asked and permitted it. A refusal begins
/// another epoch at once, for whoever uses the lease.
///
/// All methods may be called from any thread.
public final class ReadLease: Sendable {
    /// For how long an answer holds at most.
    public let seconds: Double

    private let termNanoseconds: Int
    private let refusalCount = Atomic<UInt64>(0)
    private let isClosed = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var callbacks: [UInt64: @Sendable (UInt64) -> Void] = [:]
        var looks: [UInt64: @Sendable () -> Bool] = [:]
        var nextID: UInt64 = 0
        var isWatching = false
    }

    private static let refusalBitCount: UInt64 = 20

    /// A lease of so many seconds, at least 1.
    public init(seconds: Double) {
        self.seconds = max(1, seconds)
        termNanoseconds = Int(self.seconds * 1e9)
    }

    /// The epoch of access: even, greater in each term and after each refusal.
    public var epoch: UInt64 {
        let term = UInt64(BootClock.nowNanoseconds / termNanoseconds) + 1
        let refusals = refusalCount.load(ordering: .acquiring) & (1 << Self.refusalBitCount - 1)
        return (term << Self.refusalBitCount | refusals) << 1
    }

    /// Notes that the service has refused something that it had permitted: everything is asked for again.
    public func noteRefusal() {
        refusalCount.add(1, ordering: .acquiringAndReleasing)
        tell()
    }

    /// Ends the lease: every release is refused with `closed`.
    public func close() {
        isClosed.store(true, ordering: .releasing)
        tell()
    }

    // MARK: For the gate

    /// Returns when a release may happen now, under grants of the present epoch.
    ///
    /// - Throws: Why `authority` permits it no more, or the service didn't answer; `closed`.
    @usableFromInline
    func enter(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) {
        while true {
            guard !isClosed.load(ordering: .acquiring) else {
                throw VaultError(.closed, "the key service was closed", remedies: [.reopen])
            }
            let epoch = epoch
            if passage.holds(epoch) { return }
            // The answers are as old as this at most.
            try passage.renew(epoch, authority)
        }
    }

    // MARK: Watching

    /// Has `callback` called soon after each term has begun, and after each refusal.
    func add(_ callback: @escaping @Sendable (UInt64) -> Void) throws(SystemError) -> UInt64 {
        try add { id, state in state.callbacks[id] = callback }
    }

    /// Has `look` called every second; where it says so, the callbacks are called.
    func add(look: @escaping @Sendable () -> Bool) throws(SystemError) -> UInt64 {
        try add { id, state in state.looks[id] = look }
    }

    func remove(_ id: UInt64) {
        // Dropped outside of the lock: what they hold may end with them.
        _ = state.withLock { state in
            (state.callbacks.removeValue(forKey: id), state.looks.removeValue(forKey: id))
        }
    }

    private func add(
        _ enter: (UInt64, inout State) -> Void
    ) throws(SystemError) -> UInt64 {
        try state.withLock { state throws(SystemError) in
            if !state.isWatching {
                _ = try NativeThread.start { [weak self] in
                    var seen: UInt64 = 0
                    while self?.look(&seen) == true {
                        NativeThread.sleep(nanoseconds: 1_000_000_000)
                    }
                }
                state.isWatching = true
            }
            state.nextID += 1
            enter(state.nextID, &state)
            return state.nextID
        }
    }

    /// False once the lease is closed.
    private func look(_ seen: inout UInt64) -> Bool {
        let looks = state.withLock { Array($0.looks.values) }
        var isToTell = epoch != seen
        seen = epoch
        for look in looks where look() { isToTell = true }
        if isToTell { tell() }
        return !isClosed.load(ordering: .acquiring)
    }

    private func tell() {
        let callbacks = state.withLock { Array($0.callbacks.values) }
        for callback in callbacks { callback(epoch) }
    }
}
