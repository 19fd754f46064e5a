internal import SluiceNative

extension VaultDirectory {
    /// The epoch of access: odd while a change is under way, greater after each.
    ///
    /// What a vault has said in an epoch holds as long as the epoch is even and the same.
    public var epoch: UInt64 { accessEpoch.current }

    /// Makes a change of access: every one, of every vault, goes through here.
    ///
    /// - Parameters:
    ///   - deadline: Until when readers may confirm; the change stands in any case.
    ///   - commit: Makes the change, durably. Must not change access by itself.
    /// - Throws: What `commit` throws.
    func changeAccess<Result: Sendable>(
        waiting deadline: Deadline, _ commit: () throws(VaultError) -> Result
    ) throws(VaultError) -> AccessChange<Result> {
        let began = MonotonicClock.nowNanoseconds
        defer { dropRevokedKeys() }
        let (result, epoch) = try accessEpoch.change(commit)
        let committed = MonotonicClock.nowNanoseconds
        return AccessChange(
            result: result, epoch: epoch, unconfirmedProcessIDs: [],
            commitNanoseconds: committed - began, barrierNanoseconds: 0)
    }
}
