import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceAccess

/// A vault that is one flag, and counts how often it is asked.
final class ToyVault: GrantAuthority {
    let isAllowed = Atomic<Bool>(true)
    let askCount = Atomic<Int>(0)
    /// Runs when it has made up its mind but not answered yet.
    let beforeAnswering = Mutex<(@Sendable () -> Void)?>(nil)

    func renew(_ grant: inout Grant) throws(VaultError) {
        let isAllowed = isAllowed.load(ordering: .sequentiallyConsistent)
        askCount.add(1, ordering: .sequentiallyConsistent)
        if let interlude = beforeAnswering.withLock({ $0.take() }) { interlude() }
        guard isAllowed else { throw VaultError(.accessDenied, "revoked") }
    }

    var asked: Int { askCount.load(ordering: .sequentiallyConsistent) }

    func allow(_ isAllowed: Bool) {
        self.isAllowed.store(isAllowed, ordering: .sequentiallyConsistent)
    }
}

/// A gate on a toy vault.
struct ToyGate {
    let barrier: ReadBarrier
    let vault = ToyVault()

    var gate: BarrierGate<ToyVault> { BarrierGate(barrier, vault) }

    init(_ barrier: ReadBarrier) { self.barrier = barrier }

    /// Releases once; nil if that was allowed, and otherwise why not.
    func release(
        _ passage: inout Passage, _ act: () -> Void = {}
    ) -> VaultError.Code? {
        do throws(GateError<Never>) {
            try gate.release(&passage) { () throws(Never) in act() }
            return nil
        } catch {
            switch error {
            case .refused(let refusal): return refusal.code
            }
        }
    }

    /// Takes the access away, and gives it back.
    @discardableResult
    func change(
        toAllowed isAllowed: Bool, waiting deadline: Deadline = .none
    ) throws -> BarrierConfirmation {
        try barrier.change(waiting: deadline) { vault.allow(isAllowed) }.confirmation
    }

    static func passage(_ names: String...) throws -> Passage {
        let grants = try names.map {
            Grant(
                key: try KeyIdentifier(vault: "abc", name: $0), identity: .owner,
                operation: .unwrapKey, epoch: 0)
        }
        return Passage(grants[0], grants.count > 1 ? grants[1] : nil)
    }
}

/// A directory that goes with this value.
final class BarrierDirectory: Sendable {
    let path: String

    init() throws { path = try FileSystem.temporaryDirectory(prefix: "sluice-barrier-test-") }

    deinit { try? FileSystem.remove(tree: path) }

    func open(blockCount: Int = 256) throws(VaultError) -> ReadBarrier {
        try ReadBarrier.open(directoryPath: path, blockCount: blockCount, hook: nil)
    }

    func gate() throws(VaultError) -> ToyGate { ToyGate(try open()) }
}
