internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Gets objects of 4 KiB whose keys are in the cache, with or without a slow sweep beside.
///
/// Either way the scope has just moved to another key version, so that nothing else differs.
final class GetDuringSweep: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let isSwept: Bool
    private let objects: SmallObjects
    private let load = Mutex<BackgroundLoad?>(nil)
    private let sweepOptions = Mutex(RewrapOptions())

    init(sweeping isSwept: Bool, _ conditions: Conditions) {
        self.isSwept = isSwept
        name = isSwept ? "get-4KiB-hot-during-sweep" : "the same without a sweep"
        let count = conditions.profile.sweptObjectCount
        objects = SmallObjects(
            count: count, at: conditions.path("get-\(isSwept ? "swept" : "unswept")"),
            ownDataKeys: true, hasCustomerKey: true, conditions)
        summary = """
            Get one of \(Figures.count(count)) objects of 4 KiB as bytes, keys in the cache, after \
            a move to another key version\
            \(isSwept ? ", during a sweep at a tenth of the rate that the store was swept at before" : "").
            """
    }

    func setUp() throws {
        try objects.make()
        let store = try objects.get()
        for index in 0..<objects.count { _ = try store.get(SmallObjects.name(index)) }
        guard isSwept else { return }
        try objects.moveToOtherVersion()
        let start = MonotonicClock.nowNanoseconds
        let keyCount = try store.rewrap().keyCount
        let seconds = Double(MonotonicClock.nowNanoseconds - start) / 1e9
        sweepOptions.withLock { $0.keysPerSecond = Double(keyCount) / seconds / 10 }
    }

    func prepareRun() throws {
        let store = try objects.get()
        try objects.moveToOtherVersion()
        // The first get opens the scope anew.
        _ = try store.get(SmallObjects.name(0))
        guard isSwept else { return }
        let options = sweepOptions.withLock { $0 }
        let sweeping = BackgroundLoad(threads: 1) { [objects] load, _ in
            while load.goesOn {
                do throws(StoreError) {
                    try store.rewrap(options)
                } catch {
                    guard error.code == .cancelled, !load.goesOn else { throw error }
                    return
                }
                // All is swept: on with the way back.
                if load.goesOn { try objects.moveToOtherVersion() }
            }
        }
        load.withLock { $0 = sweeping }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        var random = caller.random()
        return { [objects] in
            let name = try SmallObjects.name(random.nextIndex(below: objects.count))
            return try store.get(name).count == SmallObjects.byteCount ? 1 : 0
        }
    }

    func finishRun() throws -> LatencyRecorder? {
        let store = try objects.get()
        try load.withLock({ $0 })?.stop { store.cancelAll() }
        return nil
    }

    func tearDown() throws {
        try objects.remove()
    }
}
