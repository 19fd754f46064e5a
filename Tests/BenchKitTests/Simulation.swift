import Synchronization

@testable import BenchKit

/// Normally distributed noise, the sum of twelve uniform numbers.
func noise(_ random: inout Xoshiro256) -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + random.nextUnit() }
}

/// A run that took so long, without the time.
func simulatedRun(milliseconds: Double, work: Int = 1000) -> Run {
    Run(work: work, elapsedNanoseconds: UInt64(milliseconds * 1e6))
}

/// A workload made of closures, which notes the order in which it is called.
final class SimulatedWorkload: Workload {
    struct Failure: Error {}

    let name: String
    let summary = "does what a test wants"
    let unit: WorkUnit
    private let operation: @Sendable (Caller) throws -> Int
    private let failsToSetUp: Bool
    private let ownLatency: LatencyRecorder?
    private let log = Mutex<[String]>([])

    init(
        _ name: String = "simulated", unit: WorkUnit = .operations, failsToSetUp: Bool = false,
        ownLatency: LatencyRecorder? = nil,
        operation: @escaping @Sendable (Caller) throws -> Int = { _ in 1 }
    ) {
        self.name = name
        self.unit = unit
        self.operation = operation
        self.failsToSetUp = failsToSetUp
        self.ownLatency = ownLatency
    }

    var calls: [String] { log.withLock { $0 } }

    func setUp() throws {
        log.withLock { $0.append("setUp") }
        if failsToSetUp { throw Failure() }
    }

    func prepareRun() {
        log.withLock { $0.append("prepareRun") }
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        { [operation] in try operation(caller) }
    }

    func finishRun() -> LatencyRecorder? {
        log.withLock { $0.append("finishRun") }
        return ownLatency
    }

    func tearDown() {
        log.withLock { $0.append("tearDown") }
    }
}
