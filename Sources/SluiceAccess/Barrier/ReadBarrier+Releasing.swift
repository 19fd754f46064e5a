internal import SluiceNative

extension ReadBarrier {
    /// What ``enter(_:_:)`` gives if there is no slot.
    @usableFromInline package static let noSlot = -1

    /// Runs `act` in a slot, under the grants of a passage; see ``BarrierGate/release(_:_:)``.
    @inlinable @inline(__always)
    func release<Result: ~Copyable, Failure: Error>(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority,
        _ act: () throws(Failure) -> Result
    ) throws(GateError<Failure>) -> Result {
        let slot: Int
        do throws(VaultError) {
            slot = try enter(&passage, authority)
        } catch {
            throw .refused(error)
        }
        guard slot != Self.noSlot else { return try releaseLocked(&passage, authority, act) }
        defer { leave(releaseIn: slot) }
        do throws(Failure) { return try act() } catch { throw .act(error) }
    }

    /// Takes a slot for a release under the grants of a passage, which are renewed if they have to be;
    /// `noSlot` if there is none, and ``releaseLocked(_:_:_:)`` is to be used.
    @usableFromInline
    func enter(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) -> Int {
        let epoch = epoch
        if passage.holds(epoch), isUsable, !isHooked, case .taken(let slot) = occupy(epoch) {
            return slot
        }
        return try enterAnew(&passage, authority)
    }

    /// Ends the release in a slot.
    @usableFromInline
    func leave(releaseIn slot: Int) { slots.leave(slot) }

    @inline(never)
    private func enterAnew(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) -> Int {
        if let hook { return try hook.enter(self, &passage, authority) }
        while true {
            try requireUsable()
            let epoch = epoch
            try renew(&passage, epoch, authority)
            switch occupy(epoch) {
            case .taken(let slot): return slot
            case .none: return Self.noSlot
            case .overtaken: continue
            }
        }
    }

    private enum Occupation {
        case taken(Int)
        /// No slot is free.
        case none
        /// A change has begun meanwhile, so the grants may hold no more.
        case overtaken
    }

    /// Takes a slot, and looks at the epoch again: either this sees a change that has begun, or the
    /// change sees the slot.
    @inline(__always)
    private func occupy(_ epoch: UInt64) -> Occupation {
        guard let slot = slots.take(epoch) else { return .none }
        if self.epoch == epoch { return .taken(slot) }
        slots.leave(slot)
        return .overtaken
    }

    /// Releases without a slot, under a lock that changes wait for: for when every slot is taken, and
    /// much slower.
    @usableFromInline @inline(never)
    func releaseLocked<Result: ~Copyable, Failure: Error>(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority,
        _ act: () throws(Failure) -> Result
    ) throws(GateError<Failure>) -> Result {
        let lock: OverflowLock
        do throws(VaultError) {
            lock = try enterLocked(&passage, authority)
        } catch {
            throw .refused(error)
        }
        defer { lock.giveUp() }
        do throws(Failure) { return try act() } catch { throw .act(error) }
    }

    /// The lock of a release without a slot.
    private struct OverflowLock {
        let locks: UnsharedFile
        let offset: Int

        /// Closing the file would do it too, but not before a child that has a copy has closed that.
        func giveUp() { try? locks.file.unlock(offset: offset, byteCount: 1) }
    }

    /// Renews the grants of a passage if the epoch has moved; see ``BarrierGate/renew(_:)``.
    func renew(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) {
        try requireUsable()
        try renew(&passage, epoch, authority)
    }

    /// Sees to it that the grants are of an epoch that was just looked at, and that the epoch is everybody's.
    package func renew(
        _ passage: inout Passage, _ epoch: UInt64, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) {
        if passage.holds(epoch) { return }
        try checkFile()
        try passage.renew(epoch, authority)
    }

    /// Each epoch has a byte of its own, so that changes, which lock those of all older epochs, neither
    /// keep newer releases waiting nor wait for them.
    private func enterLocked(
        _ passage: inout Passage, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) -> OverflowLock {
        let locks = try file.reopened()
        watcher.watch()
        while true {
            try requireUsable()
            let epoch = epoch
            try renew(&passage, epoch, authority)
            let offset = BarrierLayout.overflowOffset(epoch: epoch)
            do throws(SystemError) {
                if try locks.file.tryLock(offset: offset, byteCount: 1, exclusive: false) {
                    if self.epoch == epoch { return OverflowLock(locks: locks, offset: offset) }
                    try locks.file.unlock(offset: offset, byteCount: 1)
                }
            } catch {
                throw VaultError(error, while: "entering the barrier of the vaults")
            }
        }
    }
}

extension Passage {
    /// Whether the grants were given in this epoch, and it is one that may be trusted more than once.
    @inline(__always)
    func holds(_ epoch: UInt64) -> Bool {
        guard epoch & 1 == 0, first.epoch == epoch else { return false }
        return (second == nil || second?.epoch == epoch) && (third == nil || third?.epoch == epoch)
    }

    /// Sees to it that the grants are of an epoch that was just looked at.
    mutating func renew(
        _ epoch: UInt64, _ authority: borrowing some PassageAuthority
    ) throws(VaultError) {
        if holds(epoch) { return }
        try authority.renew(&self)
        // Only now: a passage of which one grant was refused holds nothing.
        second?.epoch = epoch
        third?.epoch = epoch
        first.epoch = epoch
    }
}
