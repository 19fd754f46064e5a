internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// The read barrier of the vaults of a directory: opened when it is first needed, watched from then on, and
/// what every change of access goes through.
///
/// It knows nobody who is told of changes: those say so themselves, before the barrier is opened.
final class AccessEpochs: Sendable {
    /// What is looked at every second; says whether something was found. See ``ReadBarrier/onLook(_:)``.
    typealias Look = @Sendable (ReadBarrier) -> Bool

    private let home: VaultHome?
    /// What a test has put into the barrier.
    private let hook: (any BarrierHook)?
    private let state = Mutex(State())
    private let observers = Mutex(Observers())

    private struct State {
        var barrier: ReadBarrier?
        var isClosed = false
        /// What watches the barrier for this value.
        var watches: [GateRegistration] = []
    }

    private struct Observers {
        var looks: [Look] = []
        var changes: [@Sendable () -> Void] = []
    }

    init(_ context: VaultContext, hook: (any BarrierHook)?) {
        home = context.home
        self.hook = hook
    }

    /// The epoch of access; 0 while there are no vaults. See ``VaultDirectory/epoch``.
    var epoch: UInt64 { state.withLock { $0.barrier?.epoch ?? 0 } }

    /// The epoch now, before the vaults are asked for anything.
    ///
    /// - Throws: `replaced`, `damaged`, if the barrier can't be trusted any more.
    func presentEpoch() throws(VaultError) -> UInt64 {
        try presentBarrier()?.trustedEpoch() ?? 0
    }

    /// The barrier, opened, and its file made, when it is first needed.
    ///
    /// - Throws: `closed`; what ``ReadBarrier/open(directoryPath:)`` throws.
    func barrier() throws(VaultError) -> ReadBarrier {
        try state.withLock { state throws(VaultError) in
            if let known = state.barrier { return known }
            guard !state.isClosed else { throw .vaultsClosed }
            let barrier: ReadBarrier
            if let home {
                do throws(SystemError) { try home.make() } catch {
                    throw VaultError(error, while: "making the directory of the vaults")
                }
                barrier = try .open(directoryPath: home.path, hook: hook)
            } else {
                barrier = try .inMemory()
            }
            state.barrier = barrier
            state.watches = watch(barrier)
            return barrier
        }
    }

    /// The barrier, unless there are no vaults: for a question's sake none is made.
    ///
    /// - Throws: As ``barrier()``.
    func presentBarrier() throws(VaultError) -> ReadBarrier? {
        if let barrier = state.withLock({ $0.barrier }) { return barrier }
        if let home, (try? FileSystem.exists(home.path)) == false { return nil }
        return try barrier()
    }

    /// Makes a change of access: every one, of every vault, goes through here.
    ///
    /// - Parameters:
    ///   - deadline: Until when readers may confirm; the change stands in any case.
    ///   - commit: Makes the change, durably. Must not change access by itself.
    /// - Throws: What `commit` throws.
    func change<Result: Sendable>(
        waiting deadline: Deadline, _ commit: () throws(VaultError) -> Result
    ) throws(VaultError) -> AccessChange<Result> {
        let barrier = try barrier()
        defer { tellOfChange() }
        do throws(ChangeError<VaultError>) {
            let (result, confirmation) = try barrier.change(waiting: deadline, commit)
            return AccessChange(result: result, confirmation)
        } catch {
            throw error.merged { $0 }
        }
    }

    /// Ends the watching, and all that is done under the barrier.
    func close() {
        let (barrier, watches) = state.withLock { state in
            state.isClosed = true
            defer { state.watches = [] }
            return (state.barrier, state.watches)
        }
        // Outside the lock: closing waits for callbacks, which may ask for the epoch.
        for watch in watches { watch.cancel() }
        barrier?.close()
    }

    // MARK: Who is told

    /// Has `look` called every second, from the first question on.
    func onLook(_ look: @escaping Look) { observers.withLock { $0.looks.append(look) } }

    /// Has `callback` called after each change of access: one that is made here in the thread that makes it,
    /// before that returns, and every other in the barrier's thread.
    func onChange(_ callback: @escaping @Sendable () -> Void) {
        observers.withLock { $0.changes.append(callback) }
    }

    private func tellOfChange() {
        for callback in observers.withLock({ $0.changes }) { callback() }
    }

    private func watch(_ barrier: ReadBarrier) -> [GateRegistration] {
        let looks = observers.withLock { $0.looks }.map { look in
            barrier.onLook { [weak barrier] in barrier.map(look) ?? false }
        }
        // Without a thread for it, keys are wiped at the next use.
        let changes = try? barrier.onAdvance { [weak self] _ in self?.tellOfChange() }
        return looks + (changes.map { [$0] } ?? [])
    }
}
