internal import Dispatch
internal import RealModule
internal import Synchronization

/// Runs a workload at a fixed rate of Poisson arrivals, whether or not it keeps up.
///
/// Latency is counted from the instant at which an operation was due, so that a stall is felt by
/// everyone who would have arrived during it (no coordinated omission).
public struct OpenLoop: Sendable {
    /// The rate of arrivals.
    public let operationsPerSecond: Double
    /// How many threads serve arrivals, and so how many can be under way at once.
    public let callers: Int
    /// How long arrivals go on.
    public let durationNanoseconds: UInt64

    /// Describes a loop of `operationsPerSecond` above 0.
    public init(operationsPerSecond: Double, callers: Int, durationNanoseconds: UInt64) {
        precondition(operationsPerSecond > 0, "nobody would ever arrive")
        precondition((1...200).contains(callers), "Dispatch gives about 250 threads")
        self.operationsPerSecond = operationsPerSecond
        self.callers = callers
        self.durationNanoseconds = durationNanoseconds
    }

    /// Runs the workload once, between its `setUp` and `tearDown`.
    ///
    /// Gives up on what hasn't been started after twice the duration, and says how much that is. The
    /// first to arrive is never given up: a machine that stalls for all of a short run is told by the
    /// latency of one. Throws what the workload throws.
    public func run(_ workload: any Workload, seed: UInt64) throws -> OpenRun {
        let arrivals = arrivalNanoseconds(seed: seed)
        let queue = ArrivalQueue(arrivals, giveUpNanoseconds: 2 * durationNanoseconds)
        let tallies = try workload.withRun {
            try Callers<Tally>.run(workload, count: callers, seed: seed) { operation, callers in
                var tally = Tally()
                while !callers.isStopped, let arrival = queue.next(start: callers.start) {
                    if let lateness = arrival.wakeLateness {
                        tally.wakeLateness.record(nanoseconds: lateness)
                    }
                    _ = try operation()
                    tally.latency.record(nanoseconds: nowNanoseconds() - arrival.due)
                }
                return tally
            }
        }.success
        return tallies.reduce(into: OpenRun(scheduledCount: arrivals.count)) { run, tally in
            run.latency.add(tally.latency)
            run.wakeLateness.add(tally.wakeLateness)
        }
    }

    /// When operations are due, counted from the start.
    func arrivalNanoseconds(seed: UInt64) -> [UInt64] {
        var random = Xoshiro256(seed: seed, stream: .max)
        var arrivals: [UInt64] = []
        var elapsed = 0.0
        while true {
            elapsed -= .log(onePlus: -random.nextUnit()) * 1e9 / operationsPerSecond
            guard elapsed < Double(durationNanoseconds) else { return arrivals }
            arrivals.append(UInt64(elapsed))
        }
    }

    private struct Tally: Sendable {
        var latency = LatencyRecorder()
        var wakeLateness = LatencyRecorder()
    }
}

/// What a run of an open loop measured.
public struct OpenRun: Sendable {
    /// How many operations were due.
    public internal(set) var scheduledCount: Int
    /// From due to done, for each operation that was started.
    public internal(set) var latency = LatencyRecorder()
    /// The part of the latency that is the harness's own: how late it woke for an operation that it
    /// had been waiting for.
    public internal(set) var wakeLateness = LatencyRecorder()

    /// Adds what another run measured.
    mutating func add(_ other: OpenRun) {
        scheduledCount += other.scheduledCount
        latency.add(other.latency)
        wakeLateness.add(other.wakeLateness)
    }
}

// MARK: - Arrivals

/// Hands out arrivals in order, each when it is due.
private final class ArrivalQueue: Sendable {
    struct Arrival {
        let due: UInt64
        let wakeLateness: UInt64?
    }

    /// A timed wait wakes about 0.1 ms late; the rest is spun away.
    private static let spinNanoseconds: UInt64 = 150_000

    private let arrivals: [UInt64]
    private let giveUpNanoseconds: UInt64
    private let nextIndex = Mutex(0)

    init(_ arrivals: [UInt64], giveUpNanoseconds: UInt64) {
        self.arrivals = arrivals
        self.giveUpNanoseconds = giveUpNanoseconds
    }

    /// Waits for the next arrival; nothing when there is none, or when it is too late for any but the
    /// first.
    ///
    /// Whoever is first waits while holding the lock, so that at most one caller spins.
    func next(start: UInt64) -> Arrival? {
        nextIndex.withLock { index in
            guard index < arrivals.count else { return nil }
            let due = start + arrivals[index]
            var now = nowNanoseconds()
            guard index == 0 || now < start + giveUpNanoseconds else { return nil }
            index += 1
            guard now < due else { return Arrival(due: due, wakeLateness: nil) }
            if due - now > Self.spinNanoseconds {
                let wake = DispatchTime(uptimeNanoseconds: due - Self.spinNanoseconds)
                _ = DispatchSemaphore(value: 0).wait(timeout: wake)
            }
            repeat { now = nowNanoseconds() } while now < due
            return Arrival(due: due, wakeLateness: now - due)
        }
    }
}
