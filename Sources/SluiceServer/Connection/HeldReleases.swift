#if Service
internal import NIOCore
internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What was released under grants and is on its way to the sockets of an event loop.
///
/// Invariants:
/// - From the release to the moment in which the kernel has the bytes, the loop stands for them in the vaults' barrier
///   (``HeldSlot``): who takes access away waits for it. An entry stands for a connection as long as any write of it isn't done.
/// - When access has changed, each entry is asked for again, on a thread that may wait. A connection whose bytes are refused is
///   reset below TLS: what is pending above, and what the kernel has not sent yet, is dropped. Only then does the slot move on.
///
/// For any thread.
final class HeldReleases: Sendable {
    private struct Entry {
        var terms: [ReleaseTerms]
        /// In which all of them were asked for, or released.
        var epoch: UInt64
        var writeCount: Int
        let link: ConnectionLink
    }

    /// What came of asking for an entry again.
    private struct Asked {
        let termCount: Int
        let epoch: UInt64
    }

    private struct State {
        var gate: ReleaseGate?
        var slot: HeldSlot?
        var entries: [ObjectIdentifier: Entry] = [:]
        var isLooking = false
        var looksAgain = false
    }

    private let state = Mutex(State())
    /// By which changes are told; nil before the first release.
    private let registration = Mutex<GateRegistration?>(nil)

    /// Stands for a write that is released now; see ``HeldSlot/hold(_:)``.
    ///
    /// - Returns: False if nothing may be handed on now: the release begins anew.
    func hold(
        _ link: ConnectionLink, _ terms: ReleaseTerms, epoch: UInt64
    ) throws(VaultError) -> Bool {
        try watch(terms.gate)
        return state.withLock { state in
            // Of keys under a lease nothing is waited for: they end a stated time later.
            if let slot = state.slot, !slot.hold(epoch) {
                if state.entries.isEmpty { slot.giveUp() }
                return false
            }
            let id = ObjectIdentifier(link)
            var entry =
                state.entries[id] ?? Entry(terms: [], epoch: epoch, writeCount: 0, link: link)
            if !entry.terms.contains(where: { $0 === terms }) { entry.terms.append(terms) }
            entry.epoch = min(entry.epoch, epoch)
            entry.writeCount += 1
            state.entries[id] = entry
            return true
        }
    }

    /// Notes that the kernel has a write, or that it never will.
    func end(_ link: ConnectionLink) {
        state.withLock { state in
            let id = ObjectIdentifier(link)
            guard var entry = state.entries[id] else { return }
            entry.writeCount -= 1
            state.entries[id] = entry.writeCount > 0 ? entry : nil
            if state.entries.isEmpty { state.slot?.giveUp() }
        }
    }

    // MARK: Changes of access

    /// Has changes told, from the first release on. A server has one home, and its vaults one gate.
    private func watch(_ gate: ReleaseGate) throws(VaultError) {
        try registration.withLock { registration throws(VaultError) in
            guard registration == nil else { return }
            state.withLock { state in
                state.gate = gate
                if case .barrier(let barrier) = gate { state.slot = HeldSlot(barrier) }
            }
            registration = try gate.onAdvance { [weak self] _ in self?.lookSoon() }
        }
    }

    /// Not on the caller's thread, which others wait for.
    private func lookSoon() {
        let isFirst = state.withLock { state in
            state.looksAgain = true
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard isFirst else { return }
        do throws(SystemError) {
            try Crew.start { [self] in look() }
        } catch {
            // There is no thread for it: this one does it.
            look()
        }
    }

    private func look() {
        while true {
            let (gate, entries) = state.withLock { state in
                state.looksAgain = false
                return (state.gate, state.entries)
            }
            guard let gate else { preconditionFailure("a change was told before it was to be") }
            let epoch = gate.epoch
            var asked: [ObjectIdentifier: Asked] = [:]
            var refused: [ConnectionLink] = []
            for (id, entry) in entries {
                do throws(VaultError) {
                    asked[id] = Asked(
                        termCount: entry.terms.count, epoch: try Self.renewed(entry))
                } catch {
                    refused.append(entry.link)
                }
            }
            for link in refused { link.reset() }
            guard settle(asked, refused, epoch) else { return }
        }
    }

    private static func renewed(_ entry: Entry) throws(VaultError) -> UInt64 {
        var oldest = UInt64.max
        for terms in entry.terms { oldest = min(oldest, try terms.renew()) }
        return oldest
    }

    /// Takes up what was asked, and moves on if it was everything; whether there is more to look at.
    private func settle(
        _ asked: [ObjectIdentifier: Asked], _ refused: [ConnectionLink], _ epoch: UInt64
    ) -> Bool {
        state.withLock { state in
            for link in refused { state.entries[ObjectIdentifier(link)] = nil }
            for (id, asked) in asked where state.entries[id]?.terms.count == asked.termCount {
                state.entries[id]?.epoch = asked.epoch
            }
            if state.entries.isEmpty {
                state.slot?.giveUp()
            } else if epoch & 1 == 0, state.entries.values.allSatisfy({ $0.epoch >= epoch }) {
                state.slot?.advance(to: epoch)
            } else if epoch & 1 == 0 {
                // Something came while the rest was asked for.
                state.looksAgain = true
            }
            // While a change is under way nothing can be moved on; its end is told, too.
            state.isLooking = state.looksAgain
            return state.looksAgain
        }
    }
}
#endif
