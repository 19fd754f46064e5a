internal import SluiceNative
internal import Synchronization

/// The slots of this process in a barrier's memory, for as long as this value lives.
///
/// A slot belongs to a process by its block's lock, and to a release by what it holds: 0 means free, and a
/// worker takes it by writing its epoch, in the one step that the protocol needs anyway.
package struct BarrierSlots: ~Copyable, Sendable {
    private let file: BarrierFile
    private let memory: SharedMemory
    private let watcher: BarrierWatcher

    /// The blocks of slots that are this process's.
    struct Claim {
        /// Holds the blocks' locks; nil before the first is claimed.
        var locks: UnsharedFile?
        var blocks: [Int] = []
    }

    private let claimed = Mutex(Claim())
    /// The first block that was claimed; -1 before.
    private let homeBlock = Atomic<Int>(-1)

    init(_ file: BarrierFile, _ watcher: BarrierWatcher) {
        self.file = file
        memory = file.memory
        self.watcher = watcher
    }

    /// The blocks that were claimed, the first one first.
    var blocks: [Int] { claimed.withLock { $0.blocks } }

    /// Gives all blocks back. Nobody may be in a slot.
    func giveBack() {
        let claim = claimed.withLock { $0 }
        for block in claim.blocks {
            memory.store32(0, at: file.layout.ownerOffset(block: block))
            // Not by closing alone, see `UnsharedFile`.
            try? claim.locks?.file.unlock(
                offset: BarrierLayout.lockOffset(block: block), byteCount: 1)
        }
    }

    /// Takes a slot of this process for a release in an epoch; nil if there is none.
    ///
    /// The caller must look at the epoch again, and `leave` the slot.
    @inline(__always)
    package func take(_ epoch: UInt64) -> Int? {
        let block = homeBlock.load(ordering: .relaxed)
        if block >= 0 {
            // No two processors at once are on one slot's cache line, and whoever is interrupted in
            // its slot makes the next one here take another.
            let slot =
                block &* BarrierLayout.slotsPerBlock
                &+ Processor.currentIndex % BarrierLayout.slotsPerBlock
            if claim(slot, for: epoch) { return slot }
        }
        return search(epoch)
    }

    /// Ends the release in a slot: all that it did comes before.
    @inline(__always)
    package func leave(_ slot: Int) {
        memory.storeReleasing64(0, at: BarrierLayout.offset(slot: slot))
    }

    /// Has a slot that is held stand for a later epoch.
    func move(_ slot: Int, to epoch: UInt64) {
        memory.storeReleasing64(epoch, at: BarrierLayout.offset(slot: slot))
    }

    @inline(__always)
    private func claim(_ slot: Int, for epoch: UInt64) -> Bool {
        memory.exchange64(0, for: epoch, at: BarrierLayout.offset(slot: slot))
    }

    // MARK: Blocks

    /// Looks through all slots of this process, and claims another block if none is free.
    @inline(never)
    private func search(_ epoch: UInt64) -> Int? {
        var tried = 0
        while true {
            let blocks = self.blocks
            for block in blocks.dropFirst(tried) {
                for slot in BarrierLayout.slots(ofBlock: block) where claim(slot, for: epoch) {
                    return slot
                }
            }
            tried = blocks.count
            guard claimBlock(after: tried) else { return nil }
        }
    }

    /// Claims a block, unless another thread has claimed one meanwhile; false if there is none left.
    private func claimBlock(after knownCount: Int) -> Bool {
        // Who can't write has no slots: each release takes the overflow's lock.
        guard memory.isWritable else { return false }
        return claimed.withLock { claim in
            guard claim.blocks.count == knownCount else { return true }
            do throws(VaultError) {
                let locks: UnsharedFile
                if let known = claim.locks { locks = known } else { locks = try file.reopened() }
                guard !locks.isInherited, let block = lockBlock(locks, claim.blocks) else {
                    return false
                }
                claim.locks = locks
                claim.blocks.append(block)
                if knownCount == 0 { watcher.watch() }
                if knownCount == 0 { homeBlock.store(block, ordering: .relaxed) }
                return true
            } catch {
                // Without a slot a release takes the overflow's lock, and says why if it can't.
                return false
            }
        }
    }

    private func lockBlock(_ locks: UnsharedFile, _ claimed: [Int]) -> Int? {
        for block in 0..<file.layout.blockCount where !claimed.contains(block) {
            let isLocked =
                (try? locks.file.tryLock(
                    offset: BarrierLayout.lockOffset(block: block), byteCount: 1, exclusive: true))
                ?? false
            guard isLocked else { continue }
            empty(block)
            memory.store32(
                Environment.processNamespace, at: BarrierLayout.namespaceOffset(block: block))
            // Before the first use of a slot: changes pass over blocks that nobody owns.
            memory.store32(
                UInt32(bitPattern: Environment.processID),
                at: file.layout.ownerOffset(block: block))
            return block
        }
        return nil
    }

    /// Empties the slots of a block whose owner is dead; the caller has its lock.
    func empty(_ block: Int) {
        for slot in BarrierLayout.slots(ofBlock: block) {
            memory.store64(0, at: BarrierLayout.offset(slot: slot))
        }
        memory.store32(0, at: file.layout.ownerOffset(block: block))
    }
}
