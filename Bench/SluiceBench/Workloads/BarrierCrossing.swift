internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Enters and leaves the read barrier, and releases nothing in between: what it costs each release.
final class BarrierCrossing: Workload {
    let name = "barrier-enter-and-leave"
    let summary = """
        Enter and leave the vaults' read barrier with the two grants of a read, again and again, while \
        nobody changes access.
        """
    let unit = WorkUnit.operations
    /// Crossings in one operation, so that reading the clock is little beside them.
    static let crossingCount = 10_000
    private let path: String
    private let barrier = Mutex<ReadBarrier?>(nil)

    init(_ conditions: Conditions) {
        path = conditions.path(name)
    }

    func setUp() throws {
        try FileSystem.makeDirectories(path)
        let opened = try ReadBarrier.open(directoryPath: path)
        barrier.withLock { $0 = opened }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        guard let barrier = barrier.withLock({ $0 }) else { throw BenchError.notSetUp }
        let grants = try ["0", "1"].map { digit in
            Grant(
                key: try KeyIdentifier(
                    vault: "vault", name: "key", version: String(repeating: digit, count: 32)),
                identity: .owner, operation: .unwrapKey, epoch: barrier.epoch)
        }
        let gate = BarrierGate(barrier, EveryGrantHolds())
        return {
            var passage = Passage(grants[0], grants[1])
            var count = 0
            for _ in 0..<Self.crossingCount {
                try gate.release(&passage) { () throws(StoreError) in count += 1 }
            }
            return count
        }
    }

    func tearDown() throws {
        let closing = barrier.withLock { barrier in
            defer { barrier = nil }
            return barrier
        }
        closing?.close()
        try Scratch.remove(path)
    }

    /// Isn't asked while the epoch stays the same.
    private struct EveryGrantHolds: PassageAuthority {
        func renew(_ passage: inout Passage) {}
    }
}

/// What no barrier of the kind goes without: a load, a store, a load and a store, in one order for all.
final class BareCrossing: Workload {
    let name = "two loads and stores"
    let summary = """
        Load an epoch, store it, load it again and store 0, the first three sequentially consistent.
        """
    let unit = WorkUnit.operations
    private let epoch = Atomic<UInt64>(2)

    func makeOperation(for caller: Caller) -> TimedOperation {
        let slot = Slot()
        return { [self] in
            var count = 0
            for _ in 0..<BarrierCrossing.crossingCount {
                let seen = epoch.load(ordering: .sequentiallyConsistent)
                slot.epoch.store(seen, ordering: .sequentiallyConsistent)
                if epoch.load(ordering: .sequentiallyConsistent) == seen { count += 1 }
                slot.epoch.store(0, ordering: .releasing)
            }
            return count
        }
    }

    private final class Slot: Sendable {
        let epoch = Atomic<UInt64>(0)
    }
}
