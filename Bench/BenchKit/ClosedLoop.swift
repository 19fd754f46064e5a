/// Runs a workload with callers who each start an operation when their last one has ended.
///
/// Gives throughput, and the latency at that throughput. It hides stalls, because nobody arrives
/// while everybody waits: for latency under a load of users, see `OpenLoop`.
public struct ClosedLoop: Sendable {
    /// When a caller stops.
    public enum Length: Sendable {
        /// After so many operations each.
        case operations(Int)
        /// After so many in all: who is faster does more, so that all call until the end.
        case operationsInAll(Int)
        /// With the first operation that ends this long after the start. An operation in flight is
        /// finished and counted, so the time should be that of 50 operations or more.
        case nanoseconds(UInt64)
    }

    /// How many threads call at once, at most 200.
    public let callers: Int
    /// When each of them stops.
    public let length: Length

    /// Describes a loop.
    public init(callers: Int = 1, length: Length) {
        precondition((1...200).contains(callers), "Dispatch gives about 250 threads")
        self.callers = callers
        self.length = length
    }

    /// Runs the workload once, between its `setUp` and `tearDown`.
    ///
    /// Throws what the workload throws, or `MeasurementError.nothingMeasured`.
    public func run(_ workload: any Workload, seed: UInt64) throws -> Run {
        let (tallies, ownLatency) = try workload.withRun {
            try Callers<Tally>.run(workload, count: callers, seed: seed) { [length] in
                try Self.repeatOperation($0, length, $1)
            }
        }
        var latency = LatencyRecorder()
        for tally in tallies { latency.add(tally.latency) }
        let start = tallies.lazy.map(\.start).min() ?? 0
        let end = tallies.lazy.map(\.end).max() ?? 0
        let work = tallies.reduce(0) { $0 + $1.work }
        guard work > 0, end > start else {
            throw MeasurementError.nothingMeasured(workload: workload.name)
        }
        return Run(work: work, elapsedNanoseconds: end - start, latency: ownLatency ?? latency)
    }

    // MARK: - A caller

    private struct Tally: Sendable {
        var work = 0
        var start: UInt64 = 0
        var end: UInt64 = 0
        var latency = LatencyRecorder()
    }

    private static func repeatOperation(
        _ operation: TimedOperation, _ length: Length, _ callers: Callers<Tally>
    ) throws -> Tally {
        var tally = Tally()
        var operationCount = 0
        func isToGoOn() -> Bool {
            guard !callers.isStopped else { return false }
            return switch length {
            case .operations(let count): operationCount < count
            case .operationsInAll(let count): callers.takeOperation(of: count)
            case .nanoseconds(let nanoseconds): tally.end - tally.start < nanoseconds
            }
        }
        tally.start = nowNanoseconds()
        tally.end = tally.start
        while isToGoOn() {
            tally.work += try operation()
            let end = nowNanoseconds()
            tally.latency.record(nanoseconds: end - tally.end)
            tally.end = end
            operationCount += 1
        }
        return tally
    }
}

/// What one run of a loop measured. Codable, so that another process can hand it over.
public struct Run: Codable, Sendable {
    /// The work done, in the workload's unit.
    public let work: Int
    /// From the first caller's start to the last caller's end.
    public let elapsedNanoseconds: UInt64
    /// The durations of operations, or those that the workload measured itself, where they are known.
    public let latency: LatencyRecorder?
    /// How many operations of an open loop weren't begun because the side had fallen too far behind.
    public let unstartedCount: Int
    /// How late the harness itself woke for operations that it waited for, in an open loop.
    public let wakeLateness: LatencyRecorder?

    /// Describes a run that did some work in some time.
    public init(
        work: Int, elapsedNanoseconds: UInt64, latency: LatencyRecorder? = nil,
        unstartedCount: Int = 0, wakeLateness: LatencyRecorder? = nil
    ) {
        self.work = work
        self.elapsedNanoseconds = elapsedNanoseconds
        self.latency = latency
        self.unstartedCount = unstartedCount
        self.wakeLateness = wakeLateness
    }

    /// A run of which these are the slices; there is at least one.
    init(slices: [Run]) {
        func all(_ part: KeyPath<Run, LatencyRecorder?>) -> LatencyRecorder? {
            let parts = slices.compactMap { $0[keyPath: part] }
            guard var all = parts.first else { return nil }
            for part in parts.dropFirst() { all.add(part) }
            return all
        }
        self.init(
            work: slices.reduce(0) { $0 + $1.work },
            elapsedNanoseconds: slices.reduce(0) { $0 + $1.elapsedNanoseconds },
            latency: all(\.latency), unstartedCount: slices.reduce(0) { $0 + $1.unstartedCount },
            wakeLateness: all(\.wakeLateness))
    }
}
