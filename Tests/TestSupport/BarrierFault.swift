package import SluiceAccess
internal import SluiceNative

/// A rule of the barrier that is broken, to see that its proof notices. The pauses make what is rare happen
/// often.
package enum BarrierFault: String, CaseIterable, Sendable {
    /// A grant is taken for good in a new epoch without asking the vault.
    case skipCheck
    /// The epoch isn't looked at again once the slot is taken.
    case skipSecondLoad
    /// The epoch is looked at again before the slot is taken, not after.
    case loadBeforeStore
    /// A change returns without waiting for the slots.
    case skipWait
    /// A change begins the new epoch before its COMMIT, and no odd one.
    case skipOddEpoch
}

extension BarrierFault: BarrierHook {
    package func enter(
        _ barrier: ReadBarrier, _ passage: inout Passage,
        _ authority: borrowing some PassageAuthority
    ) throws(VaultError) -> Int {
        while true {
            try barrier.requireUsable()
            let epoch = barrier.epoch
            if self == .skipCheck {
                passage.first.epoch = epoch
                passage.second?.epoch = epoch
                passage.third?.epoch = epoch
            }
            try barrier.renew(&passage, epoch, authority)
            if self == .skipSecondLoad { Self.pause() }
            if self == .loadBeforeStore {
                guard barrier.epoch == epoch else { continue }
                Self.pause()
            }
            guard let slot = barrier.slots.take(epoch) else { return ReadBarrier.noSlot }
            if self == .skipSecondLoad || self == .loadBeforeStore { return slot }
            if barrier.epoch == epoch { return slot }
            barrier.slots.leave(slot)
        }
    }

    package func epochOfChange(_ odd: UInt64) -> UInt64 { self == .skipOddEpoch ? odd + 1 : odd }

    package var waitsForReaders: Bool { self != .skipWait }

    /// For as long as a change may take, be it of a vault on a slow disk.
    private static func pause() {
        NativeThread.sleep(nanoseconds: 200_000 << Int.random(in: 0...5))
    }
}
