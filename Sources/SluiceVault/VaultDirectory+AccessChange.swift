public import SluiceAccess
internal import SluiceNative
internal import Synchronization

extension VaultDirectory {
    /// The epoch of access: odd while a change is under way, greater after each.
    ///
    /// What a vault has said in an epoch holds as long as the epoch is even and the same. 0 while there
    /// are no vaults.
    public var epoch: UInt64 { knownBarrier.withLock { $0?.epoch ?? 0 } }

    /// The read barrier of the vaults: opened, and its file made, when it is first needed, and that is
    /// before the first key is.
    ///
    /// - Throws: `closed`; what ``ReadBarrier/open(directoryPath:)`` throws.
    public func barrier() throws(VaultError) -> ReadBarrier {
        try knownBarrier.withLock { known throws(VaultError) in
            if let known { return known }
            guard !state.withLock({ $0.isClosed }) else {
                throw VaultError(.closed, "the key vaults were closed: open them again")
            }
            let barrier: ReadBarrier
            if let path {
                do throws(SystemError) { try Self.makeHome(path) } catch {
                    throw VaultError(error, while: "making the directory of the vaults")
                }
                barrier = try .open(directoryPath: path, fault: barrierFault)
            } else {
                barrier = try .inMemory()
            }
            known = barrier
            watch(barrier)
            return barrier
        }
    }

    /// The read barrier, unless there are no vaults: for a question's sake none is made.
    ///
    /// - Throws: As ``barrier()``.
    public func presentBarrier() throws(VaultError) -> ReadBarrier? {
        if let barrier = knownBarrier.withLock({ $0 }) { return barrier }
        if let path, (try? FileSystem.exists(path)) == false { return nil }
        return try barrier()
    }

    /// The epoch now, before the vaults are asked for anything.
    func presentEpoch() throws(VaultError) -> UInt64 {
        try presentBarrier()?.trustedEpoch() ?? 0
    }

    /// Has keys wiped whenever access to them is taken away, and the vaults' files looked at every second,
    /// from before the first question on.
    private func watch(_ barrier: ReadBarrier) {
        let look = barrier.onLook { [weak self, weak barrier] in
            guard let self, let barrier else { return false }
            return lookAtFiles(barrier)
        }
        // Without a thread for it, keys are wiped at the next use.
        let changes = try? barrier.onAdvance { [weak self] _ in self?.dropRevokedKeys() }
        watches.withLock { $0 = [look] + (changes.map { [$0] } ?? []) }
    }

    /// Looks whether the files of the vaults in use are those that everybody uses, and if not, ends the use
    /// of the barrier: what was read in them isn't told of a revocation any more. Says whether it did.
    private func lookAtFiles(_ barrier: ReadBarrier) -> Bool {
        for vault in state.withLock({ Array($0.vaults.values) }) {
            do throws(VaultError) {
                try vault.checkPlace()
            } catch {
                guard error.code == .replaced, !vault.wasPurged else { continue }
                return barrier.refuse(error)
            }
        }
        return false
    }

    /// Makes a change of access: every one, of every vault, goes through here.
    ///
    /// - Parameters:
    ///   - deadline: Until when readers may confirm; the change stands in any case.
    ///   - commit: Makes the change, durably. Must not change access by itself.
    /// - Throws: What `commit` throws.
    func changeAccess<Result: Sendable>(
        waiting deadline: Deadline, _ commit: () throws(VaultError) -> Result
    ) throws(VaultError) -> AccessChange<Result> {
        let barrier = try barrier()
        defer { dropRevokedKeys() }
        do throws(ChangeError<VaultError>) {
            let (result, confirmation) = try barrier.change(waiting: deadline, commit)
            return AccessChange(result: result, confirmation)
        } catch {
            throw error.merged { $0 }
        }
    }
}
