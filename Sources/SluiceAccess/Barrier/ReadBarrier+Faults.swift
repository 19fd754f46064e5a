internal import SluiceNative

// How a release goes that breaks a rule. The pauses make what is rare happen often.
extension ReadBarrier {
    @inline(never)
    func enter(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority,
        with fault: BarrierFault
    ) throws(VaultError) -> Int {
        while true {
            try requireUsable()
            let epoch = epoch
            if fault == .skipCheck {
                passage.first.epoch = epoch
                passage.second?.epoch = epoch
            }
            try renew(&passage, epoch, authority)
            if fault == .skipSecondLoad { Self.pause() }
            if fault == .loadBeforeStore {
                guard self.epoch == epoch else { continue }
                Self.pause()
            }
            guard let slot = takeSlot(epoch) else { return Self.noSlot }
            if fault == .skipSecondLoad || fault == .loadBeforeStore { return slot }
            if self.epoch == epoch { return slot }
            leave(slot)
        }
    }

    /// For as long as a change may take, be it of a vault on a slow disk.
    private static func pause() {
        NativeThread.sleep(nanoseconds: 200_000 << Int.random(in: 0...5))
    }
}
