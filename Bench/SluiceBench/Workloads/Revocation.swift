internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Takes a store's access to its key away and gives it back, while as many threads as there are
/// processors read objects of 1 MiB in a loop.
///
/// The durations are those that the vault reports of one part of the revocation: what comes before it,
/// and that the readers get going again, takes much longer.
final class Revocation: Workload {
    /// Which part of a revocation is measured.
    enum Part: Sendable {
        /// From the end of the COMMIT until the last reader has confirmed.
        case barrier
        /// Making the change durable.
        case commit
    }

    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let part: Part
    private let path: String
    private let store: OpenStore
    private let load = Mutex<BackgroundLoad?>(nil)
    private let latency = Mutex(LatencyRecorder())
    /// How many objects each reader has read.
    private let readCounts = Mutex<[Int]>([])
    private static let byteCount = 1 << 20
    private static let limitNanoseconds = 60_000_000_000

    init(_ part: Part, _ conditions: Conditions) {
        self.part = part
        name = part == .barrier ? "revoke-to-barrier-under-load" : "COMMIT of a revocation"
        summary = """
            \(part == .barrier
                ? "From the COMMIT of a revocation until no reader releases another byte"
                : "Making a revocation durable"), while a thread for each processor reads objects of \
            1 MiB.
            """
        path = conditions.path("revocation-\(part)")
        store = OpenStore(at: path)
    }

    func setUp() throws {
        let made = try store.make(.none)
        try made.createScope(.default, key: CustomerKey(for: made).current)
        let bytes = DataPattern.random.bytes(count: Self.byteCount, seed: 0)
        for index in 0..<Processor.count { try made.put(bytes, as: SmallObjects.name(index)) }
    }

    func prepareRun() throws {
        let store = try store.get()
        latency.withLock { $0 = LatencyRecorder() }
        readCounts.withLock { $0 = [Int](repeating: 0, count: Processor.count) }
        let readers = BackgroundLoad(threads: Processor.count) { [self] load, index in
            let name = try SmallObjects.name(index)
            while load.goesOn {
                if try reads(name, store) {
                    readCounts.withLock { $0[index] += 1 }
                } else {
                    NativeThread.sleep(nanoseconds: 50_000)
                }
            }
        }
        load.withLock { $0 = readers }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        return { [self] in
            try waitForReaders()
            let change = try store.vaults.acting(as: .owner).deleteAccessPolicy(
                vault: CustomerKey.vaultName, for: store.identity)
            try CustomerKey.allow(store)
            guard change.isConfirmed else { throw BenchError.neverEnded("a revocation") }
            let nanoseconds =
                switch part {
                case .barrier: change.confirmation.waitNanoseconds
                case .commit: change.confirmation.commitNanoseconds
                }
            latency.withLock { $0.record(nanoseconds: UInt64(max(0, nanoseconds))) }
            return 1
        }
    }

    func finishRun() throws -> LatencyRecorder? {
        try load.withLock({ $0 })?.stop()
        return latency.withLock { $0 }
    }

    func tearDown() throws {
        try store.remove()
    }

    // MARK: Readers

    /// Whether the object could be read; not while the store has no access.
    private func reads(_ name: ObjectName, _ store: Store) throws -> Bool {
        do throws(StoreError) {
            return try store.get(name).count == Self.byteCount
        } catch {
            guard error.code == .accessDenied else { throw error }
            return false
        }
    }

    /// Waits until each reader has read two more objects, and so one that it began with access.
    private func waitForReaders() throws {
        let before = readCounts.withLock { $0 }
        let deadline = MonotonicClock.nowNanoseconds + Self.limitNanoseconds
        while readCounts.withLock({ zip($0, before).contains { $0 < $1 + 2 } }) {
            try load.withLock { $0 }?.check()
            guard MonotonicClock.nowNanoseconds < deadline else {
                throw BenchError.neverEnded("what readers do after access was given back")
            }
            NativeThread.sleep(nanoseconds: 50_000)
        }
    }
}
