internal import Synchronization

/// A slot that stays taken between releases, for what was released and is still in this process's hands: the bytes that
/// a server has on their way to its sockets. Whoever takes access away waits for it as for a release. For any thread.
///
/// Invariant: as long as it is held its epoch is not newer than that of any release it stands for, unless all of
/// them were asked for again in the epoch that it has moved on to.
package final class HeldSlot: Sendable {
    private let barrier: ReadBarrier
    private let held = Mutex<(slot: Int, epoch: UInt64)?>(nil)

    /// Of a barrier; nothing is held yet.
    package init(_ barrier: ReadBarrier) { self.barrier = barrier }

    deinit { giveUp() }

    /// Stands for what is being released now, in a slot of its own, under grants of an epoch.
    ///
    /// - Returns: False if it can't: a change has begun since, what is held has moved on already, or no slot is free. Then
    ///   nothing may be handed on, and the release begins anew.
    package func hold(_ epoch: UInt64) -> Bool {
        held.withLock { held in
            // Whoever begins a change waits for the older one that is held.
            if let held { return held.epoch <= epoch }
            guard let slot = barrier.slots.take(epoch) else { return false }
            // Else a change may have looked at this slot before it was taken, and look at the releaser's when that is
            // empty again.
            guard barrier.epoch == epoch else {
                barrier.slots.leave(slot)
                return false
            }
            held = (slot, epoch)
            return true
        }
    }

    /// Moves on to an epoch in which everything was asked for again that it stands for.
    package func advance(to epoch: UInt64) {
        held.withLock { held in
            guard let known = held, known.epoch < epoch else { return }
            barrier.slots.move(known.slot, to: epoch)
            held = (known.slot, epoch)
        }
    }

    /// Stands for nothing any more: all of it is out of this process's hands.
    package func giveUp() {
        held.withLock { held in
            if let known = held { barrier.slots.leave(known.slot) }
            held = nil
        }
    }
}
