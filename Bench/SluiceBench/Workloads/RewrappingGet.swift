internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Gets each of some objects under an older key version once; with the mode `onRead` each get has its
/// object's key rewrapped, off the read's path.
final class RewrappingGet: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let mode: RewrapMode
    private let vaultDelaySeconds: Double
    private let objects: SmallObjects
    private static let limitNanoseconds = 60_000_000_000

    /// Below 1,024 objects, of which each is rewrapped: more may be dropped when they come too fast.
    ///
    /// The vault's first answer to a wrapping may be made to take long, so that nothing is committed
    /// meanwhile.
    init(
        onRead isRewrapping: Bool, count: Int, vaultDelaySeconds: Double = 0,
        _ conditions: Conditions
    ) {
        precondition(count < 1024, "some would not be rewrapped")
        mode = isRewrapping ? .onRead : .onRewrite
        name = isRewrapping ? "get-4KiB-hot-rewrapping-on-read" : "the same without rewrapping"
        summary = """
            Get each of \(count) objects of 4 KiB under an older key version once, keys in the cache, \
            one caller; \(isRewrapping ? "each is rewrapped behind its get" : "none is rewrapped").
            """
        self.vaultDelaySeconds = vaultDelaySeconds
        objects = SmallObjects(
            count: count, at: conditions.path("get-\(mode)"), ownDataKeys: true,
            hasCustomerKey: true, conditions)
    }

    func setUp() throws {
        try objects.make()
    }

    func prepareRun() throws {
        let store = try objects.get()
        try store.rewrap()
        try store.updateScope(.default, rewrapMode: .onRewrite)
        try objects.moveToOtherVersion()
        for index in 0..<objects.count { _ = try store.get(SmallObjects.name(index)) }
        try store.updateScope(.default, rewrapMode: mode)
        // The first look opens the scope anew.
        _ = try store.info(SmallObjects.name(0))
        if vaultDelaySeconds > 0 {
            store.vaults.faults.delay(seconds: vaultDelaySeconds, of: .wrapKey)
        }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        var names = try (0..<objects.count).map { try SmallObjects.name($0) }
        var random = caller.random()
        names.shuffle(using: &random)
        return {
            guard let name = names.popLast() else { return 0 }
            return try store.get(name).count == SmallObjects.byteCount ? 1 : 0
        }
    }

    /// Waits for what was left behind, which would disturb the run that comes next.
    func finishRun() throws -> LatencyRecorder? {
        guard mode == .onRead else { return nil }
        let store = try objects.get()
        let deadline = MonotonicClock.nowNanoseconds + Self.limitNanoseconds
        while true {
            let scope = try store.scope(.default)
            if scope.census.allSatisfy({ $0.key == scope.currentKey }) { return nil }
            guard MonotonicClock.nowNanoseconds < deadline else {
                throw BenchError.neverEnded("rewrapping what was read")
            }
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
