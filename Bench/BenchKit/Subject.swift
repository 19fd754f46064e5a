/// How a workload is run: with callers who wait, or with arrivals who don't.
public enum Loop: Sendable {
    /// For throughput.
    case closed(ClosedLoop)
    /// For latency, counted from when an operation was due.
    case open(OpenLoop)

    /// How many threads call.
    public var callers: Int {
        switch self {
        case .closed(let loop): loop.callers
        case .open(let loop): loop.callers
        }
    }

    /// A run of so many is as long as one of these; what isn't ended by time stays whole.
    func slice(of sliceCount: Int) -> Loop {
        guard case .closed(let loop) = self, case .nanoseconds(let nanoseconds) = loop.length else {
            return self
        }
        let length = ClosedLoop.Length.nanoseconds(nanoseconds / UInt64(sliceCount))
        return .closed(ClosedLoop(callers: loop.callers, length: length))
    }

    /// The rate of arrivals of an open loop.
    public var arrivalsPerSecond: Double? {
        guard case .open(let loop) = self else { return nil }
        return loop.operationsPerSecond
    }
}

/// A workload and how it is run: one side of a cell.
public struct Subject: Sendable {
    /// What is run.
    public let workload: any Workload
    /// How.
    public let loop: Loop

    /// Describes a side of a cell.
    public init(_ workload: any Workload, _ loop: Loop) {
        self.workload = workload
        self.loop = loop
    }

    /// Runs the workload once, between its `setUp` and `tearDown`, or does one of several slices of a run.
    ///
    /// Throws what the workload throws, or `MeasurementError.nothingMeasured`.
    public func run(seed: UInt64, sliceCount: Int = 1) throws -> Run {
        switch loop.slice(of: sliceCount) {
        case .closed(let loop): return try loop.run(workload, seed: seed)
        case .open(let loop):
            let run = try loop.run(workload, seed: seed)
            guard let summary = run.latency.summary else {
                throw MeasurementError.nothingMeasured(workload: workload.name)
            }
            return Run(
                work: summary.count, elapsedNanoseconds: loop.durationNanoseconds,
                latency: run.latency, unstartedCount: run.scheduledCount - summary.count,
                wakeLateness: run.wakeLateness)
        }
    }

    /// Sets the workload up, calls `body`, and tears down whatever happens; the error of `body`
    /// counts for more than that of tearing down.
    public func withSetUp<Success>(_ body: () throws -> Success) throws -> Success {
        let result = Result {
            try workload.setUp()
            return try body()
        }
        let tornDown = Result { try workload.tearDown() }
        let success = try result.get()
        try tornDown.get()
        return success
    }
}
