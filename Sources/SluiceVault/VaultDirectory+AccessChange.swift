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
            return barrier
        }
    }

    /// The epoch now, before the vaults are asked for anything.
    func presentEpoch() throws(VaultError) -> UInt64 {
        if let barrier = knownBarrier.withLock({ $0 }) { return barrier.epoch }
        // Where nothing is, nothing is made for a question's sake.
        if let path, (try? FileSystem.exists(path)) == false { return 0 }
        return try barrier().epoch
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
