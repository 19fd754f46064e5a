internal import SluiceNative

extension ReadBarrier {
    /// Waits until each slot was seen free, or in an epoch that isn't older, and no older release holds
    /// the overflow's lock. Whoever takes a slot later sees the epoch that is there now.
    func awaitReaders(
        olderThan epoch: UInt64, _ locks: File, _ deadline: Deadline, _ commitNanoseconds: Int
    ) -> BarrierConfirmation {
        let start = MonotonicClock.nowNanoseconds
        let waits = hook?.waitsForReaders ?? true
        var pending = waits ? occupiedBlocks(olderThan: epoch) : []
        var isOverflowClear = !waits
        var passCount = 0
        while true {
            pending = pending.compactMap { stillOccupied($0, olderThan: epoch) }
            isOverflowClear = isOverflowClear || overflowClears(olderThan: epoch, locks)
            if pending.isEmpty && isOverflowClear { break }
            let isLast = deadline.hasPassed
            if isLast || passCount > 110 { pending.removeAll { isOwnerDead($0.index, locks) } }
            if isLast { break }
            passCount += 1
            // Most releases end within microseconds; then let them have the processor.
            guard passCount > 100 else { continue }
            NativeThread.sleep(nanoseconds: min(20_000 * (passCount - 100), 1_000_000))
        }
        let ownNamespace = Environment.processNamespace
        let (here, elsewhere) = pending.reduce(into: ([Int32](), [Int32]())) { found, block in
            let owner = memory.load32(at: file.layout.ownerOffset(block: block.index))
            let namespace = memory.load32(at: BarrierLayout.namespaceOffset(block: block.index))
            guard owner != 0 else { return }
            if namespace == 0 || namespace == ownNamespace {
                found.0.append(Int32(bitPattern: owner))
            } else {
                found.1.append(Int32(bitPattern: owner))
            }
        }
        return BarrierConfirmation(
            epoch: epoch, isConfirmed: pending.isEmpty && isOverflowClear,
            unconfirmedProcessIDs: Set(here).sorted(),
            unconfirmedElsewhere: Set(elsewhere).sorted(),
            commitNanoseconds: commitNanoseconds,
            waitNanoseconds: MonotonicClock.nowNanoseconds - start)
    }

    // MARK: Slots

    /// A block and its slots that were never seen free since.
    private struct Block {
        let index: Int
        var slots: [Int]
    }

    private func occupiedBlocks(olderThan epoch: UInt64) -> [Block] {
        (0..<file.layout.blockCount).compactMap { index in
            guard memory.load32(at: file.layout.ownerOffset(block: index)) != 0 else { return nil }
            let slots = BarrierLayout.slots(ofBlock: index).filter {
                isOccupied($0, olderThan: epoch)
            }
            return slots.isEmpty ? nil : Block(index: index, slots: slots)
        }
    }

    private func stillOccupied(_ block: Block, olderThan epoch: UInt64) -> Block? {
        var block = block
        block.slots.removeAll { !isOccupied($0, olderThan: epoch) }
        return block.slots.isEmpty ? nil : block
    }

    private func isOccupied(_ slot: Int, olderThan epoch: UInt64) -> Bool {
        let holder = memory.load64(at: BarrierLayout.offset(slot: slot))
        return holder != 0 && holder < epoch
    }

    /// Whether the block's lock can be had: then its owner is dead, and its slots are emptied.
    private func isOwnerDead(_ block: Int, _ locks: File) -> Bool {
        let offset = BarrierLayout.lockOffset(block: block)
        let isLocked =
            (try? locks.tryLock(offset: offset, byteCount: 1, exclusive: true)) ?? false
        guard isLocked else { return false }
        slots.empty(block)
        try? locks.unlock(offset: offset, byteCount: 1)
        return true
    }

    // MARK: Overflow

    /// Whether no release of an older epoch holds its byte.
    private func overflowClears(olderThan epoch: UInt64, _ locks: File) -> Bool {
        let byteCount = Int(epoch)
        let isLocked =
            (try? locks.tryLock(
                offset: BarrierLayout.overflowOffset, byteCount: byteCount, exclusive: true))
            ?? false
        if isLocked {
            try? locks.unlock(offset: BarrierLayout.overflowOffset, byteCount: byteCount)
        }
        return isLocked
    }
}
