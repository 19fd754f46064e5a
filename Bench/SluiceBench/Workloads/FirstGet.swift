internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// The first get after a rotation, which takes the new version up; or after another change of access,
/// which only has the vault asked again.
final class FirstGet: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let isRotated: Bool
    private let store: OpenStore
    private let latency = Mutex(LatencyRecorder())

    init(afterRotation isRotated: Bool, _ conditions: Conditions) {
        self.isRotated = isRotated
        name = isRotated ? "get-4KiB-first-after-rotation" : "after another change of access"
        summary = """
            The first get of an object of 4 KiB after \
            \(isRotated ? "its key was rotated" : "the vault's policy was set again"), which isn't \
            timed itself; the scope follows its key.
            """
        store = OpenStore(at: conditions.path("first-get-\(isRotated)"))
    }

    func setUp() throws {
        let made = try store.make(.none)
        try made.createScope(.default, key: CustomerKey(for: made).current.versionless)
        try made.put(SmallObjects.bytes(seed: 0), as: SmallObjects.name(0))
        _ = try made.get(SmallObjects.name(0))
    }

    func prepareRun() {
        latency.withLock { $0 = LatencyRecorder() }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let key = try store.scope(.default).keySetting
        let name = try SmallObjects.name(0)
        return { [self] in
            if isRotated {
                _ = try store.vaults.acting(as: .owner).rotateKey(vault: key.vault, name: key.name)
            } else {
                try CustomerKey.allow(store)
            }
            let start = MonotonicClock.nowNanoseconds
            let byteCount = try store.get(name).count
            let elapsedNanoseconds = MonotonicClock.nowNanoseconds - start
            latency.withLock { $0.record(nanoseconds: UInt64(max(0, elapsedNanoseconds))) }
            return byteCount == SmallObjects.byteCount ? 1 : 0
        }
    }

    func finishRun() -> LatencyRecorder? {
        latency.withLock { $0 }
    }

    func tearDown() throws {
        try store.remove()
    }
}
