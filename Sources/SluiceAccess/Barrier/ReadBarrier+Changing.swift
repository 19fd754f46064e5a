internal import SluiceNative
internal import Synchronization

extension ReadBarrier {
    /// Changes access, and waits until nobody releases anything under what was allowed before.
    ///
    /// `commit` makes the change durable in the vaults; it takes their locks inside, never before. One
    /// change at a time is made in all processes, and one inside another is a programming error. When
    /// `commit` throws, everyone asks the vault again all the same, but nobody is waited for. If the
    /// process dies in it, readers ask each time until the next change or ``confirm(waiting:)``. A release
    /// that waits for a change, or makes one, is waited for in vain.
    ///
    /// - Parameter deadline: How long to wait for another change, though at least 10 seconds, and then
    ///   for the readers. When it passes, the change stands, and the confirmation names them.
    /// - Throws: ``ChangeError/barrier(_:)`` with `busy`, `io`, `closed`, or `replaced` or `damaged` if the
    ///   barrier's file isn't the one that readers use: then nothing was changed.
    public func change<Value, Failure: Error>(
        waiting deadline: Deadline, _ commit: () throws(Failure) -> Value
    ) throws(ChangeError<Failure>) -> (value: Value, confirmation: BarrierConfirmation) {
        let locks: UnsharedFile
        do throws(VaultError) {
            try requireUsable()
            try checkFile()
            locks = try file.reopened()
        } catch {
            throw .barrier(error)
        }
        var outcome: Result<Change<Value>, ChangeError<Failure>>?
        changing.withLock { _ in outcome = makeChange(locks.file, deadline, commit) }
        guard let change = try outcome?.get() else { preconditionFailure("nothing was tried") }
        let confirmation = awaitReaders(
            olderThan: change.epoch, locks.file, deadline, change.commitNanoseconds)
        return (change.value, confirmation)
    }

    /// Waits again for everybody who releases under what was allowed in an epoch before the present one,
    /// and finishes a change whose maker has died.
    ///
    /// - Throws: `busy`, `io`, `closed`, `replaced`, `damaged`.
    public func confirm(waiting deadline: Deadline) throws(VaultError) -> BarrierConfirmation {
        try requireUsable()
        try checkFile()
        let epoch = epoch
        guard epoch & 1 == 1 else {
            return awaitReaders(olderThan: epoch, try file.reopened().file, deadline, 0)
        }
        do throws(ChangeError<Never>) {
            return try change(waiting: deadline) {}.confirmation
        } catch {
            switch error {
            case .barrier(let error): throw error
            }
        }
    }

    // MARK: Inside

    private struct Change<Value> {
        let value: Value
        let epoch: UInt64
        let commitNanoseconds: Int
    }

    private func makeChange<Value, Failure: Error>(
        _ file: File, _ deadline: Deadline, _ commit: () throws(Failure) -> Value
    ) -> Result<Change<Value>, ChangeError<Failure>> {
        do throws(VaultError) {
            try lockChanges(file, deadline)
        } catch {
            return .failure(.barrier(error))
        }
        defer {
            // Closing the file does it too, unless a forked child has it.
            try? file.unlock(offset: BarrierLayout.changeLockOffset, byteCount: 1)
        }
        do throws(Failure) {
            return .success(try advance(commit))
        } catch {
            return .failure(.commit(error))
        }
    }

    /// Waits for its turn among all processes: a revoker that was stopped mustn't be waited for without
    /// end, and the kernel's queue has none.
    private func lockChanges(_ file: File, _ deadline: Deadline) throws(VaultError) {
        let leastWait = Deadline.seconds(10)
        while true {
            do throws(SystemError) {
                if try file.tryLock(
                    offset: BarrierLayout.changeLockOffset, byteCount: 1, exclusive: true)
                {
                    break
                }
            } catch {
                throw VaultError(error, while: "locking the barrier of the vaults")
            }
            guard !deadline.hasPassed || !leastWait.hasPassed else {
                throw VaultError(
                    .busy, "another process is changing the vaults, and doesn't end",
                    remedies: [.other("see whether one of Sluice's is stopped, and try again")])
            }
            NativeThread.sleep(nanoseconds: 200_000)
        }
        guard epoch < BarrierLayout.epochLimit else {
            throw VaultError(
                .damaged, "the barrier of the vaults was overwritten",
                remedies: [.machine(.removeBarrier([BarrierFile.name, BarrierFile.noteName]))])
        }
    }

    private func advance<Value, Failure: Error>(
        _ commit: () throws(Failure) -> Value
    ) throws(Failure) -> Change<Value> {
        let start = MonotonicClock.nowNanoseconds
        // A change whose maker died has left an odd one, which this change takes over.
        let odd = epoch | 1
        let next = odd + 1
        setEpoch(fault == .skipOddEpoch ? next : odd)
        defer {
            setEpoch(next)
            watcher.announce()
        }
        let value = try commit()
        return Change(
            value: value, epoch: next,
            commitNanoseconds: MonotonicClock.nowNanoseconds - start)
    }

    private func setEpoch(_ epoch: UInt64) {
        memory.store64(epoch, at: BarrierLayout.epochOffset)
    }
}
