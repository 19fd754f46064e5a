internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Holds the median put or get of a store with many objects against that of one with few.
///
/// Gets are of objects whose keys are in the cache, for otherwise an unwrap would hide what the
/// catalog takes. Puts are undone after each run, untimed, so that the counts stay what they are.
struct CatalogSizeCell: PairCell {
    /// What is timed.
    enum Operation: String, Sendable {
        case put, get
    }

    let operation: Operation
    let stores: CatalogStores
    let name: String
    let figure = PairFigure.medianLatency
    let referenceKind = Cell.ReferenceKind.ceiling
    let referenceName: String
    let bound = Bound.atLeast(ratio: 1 / 1.3)

    init(_ operation: Operation, _ stores: CatalogStores) {
        self.operation = operation
        self.stores = stores
        name = "\(operation.rawValue)-4KiB-among-\(stores.large.count)"
        referenceName = "the same among \(FigureText.count(stores.small.count))"
    }

    var summary: String {
        """
        The median time to \(operation.rawValue) an object of 4 KiB, durability none, one caller, in \
        a store with \(FigureText.count(stores.large.count)) objects\
        \(operation == .get ? ", keys in the cache" : ""); at most 1.3 times as long.
        """
    }

    func setUp() throws {
        try stores.makeOnce()
    }

    func sides() -> (measured: Side, reference: Side) {
        (side(stores.large), side(stores.small))
    }

    /// The stores stay for the other operation; they go with the run.
    func tearDown() {}

    private func side(_ objects: SmallObjects) -> Side {
        Side(name: name) { [operation] seed in
            let latency =
                switch operation {
                case .put: try Self.timePuts(objects, seed)
                case .get: try Self.timeGets(objects, seed)
                }
            guard let summary = latency.summary else {
                throw MeasurementError.nothingMeasured(workload: operation.rawValue)
            }
            // The rate of this run is then one over its median.
            return Run(work: 1, elapsedNanoseconds: summary.p50Nanoseconds, latency: latency)
        }
    }

    private static let putCount = 500
    private static let getCount = 2000

    private static func timePuts(_ objects: SmallObjects, _ seed: UInt64) throws -> LatencyRecorder
    {
        let store = try objects.get()
        let bytes = SmallObjects.bytes(seed: seed)
        let names = try (0..<putCount).map { try ObjectName("new-\(seed)-\($0)") }
        let latency = try time(names) { try store.put(bytes, as: $0) }
        for name in names { try store.remove(name) }
        return latency
    }

    private static func timeGets(_ objects: SmallObjects, _ seed: UInt64) throws -> LatencyRecorder
    {
        let store = try objects.get()
        var random = Xoshiro256(seed: seed)
        let names = try (0..<getCount).map { _ in
            let choice = random.nextIndex(below: CatalogStores.warmCount(of: objects))
            return try SmallObjects.name(CatalogStores.warmIndex(choice, of: objects))
        }
        return try time(names) { _ = try store.get($0) }
    }

    private static func time(
        _ names: [ObjectName], _ body: (ObjectName) throws -> Void
    ) throws -> LatencyRecorder {
        var latency = LatencyRecorder()
        for name in names {
            let start = MonotonicClock.nowNanoseconds
            try body(name)
            latency.record(nanoseconds: UInt64(MonotonicClock.nowNanoseconds - start))
        }
        return latency
    }
}
