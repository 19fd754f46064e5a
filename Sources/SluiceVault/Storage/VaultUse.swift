internal import Synchronization

/// How a vault's keys are used by what is known of them elsewhere, without the vault being asked. For any thread.
final class VaultUse: Sendable {
    private let isNoted = Atomic(false)
    private let answeredEpoch = Atomic<UInt64>(0)

    /// Notes that a key was used: a load, where that was noted already.
    @inline(__always)
    func note() {
        if !isNoted.load(ordering: .relaxed) { isNoted.store(true, ordering: .relaxed) }
    }

    /// Whether a key was used since this was last asked.
    func takeNote() -> Bool { isNoted.exchange(false, ordering: .relaxed) }

    /// The epoch in which somebody was last told what he may do; 0 for none.
    var epoch: UInt64 { answeredEpoch.load(ordering: .relaxed) }

    /// Notes that somebody was told so.
    func noteAnswer(in epoch: UInt64) { answeredEpoch.max(epoch, ordering: .relaxed) }
}
