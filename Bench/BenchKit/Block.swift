internal import RealModule

/// Runs of several sides that belong together because they ran next to each other.
public struct Block: Codable, Sendable {
    /// Which side a run is of.
    public enum Role: String, Codable, Sendable {
        /// In a cell what is measured, in a trial what was there before.
        case a = "A"
        /// In a cell the reference, in a trial what is judged.
        case b = "B"
        /// In a trial the ceiling.
        case ceiling = "C"
    }

    /// One run in the block.
    public struct Timing: Codable, Sendable {
        /// Whose run it is.
        public let role: Role
        /// The work done, in the workload's unit.
        public let work: Int
        /// How long it took.
        public let elapsedNanoseconds: UInt64
        /// What the figure came to.
        public let value: Double

        init(_ role: Role, _ run: Run, value: Double) {
            self.role = role
            work = run.work
            elapsedNanoseconds = run.elapsedNanoseconds
            self.value = value
        }
    }

    /// The runs in the order in which they ran.
    public let timings: [Timing]
    /// The logarithm of how many times better one side is: above 0 is A in a cell, B in a trial.
    public let logRatio: Double
    /// The share of processor time that the host took away; nothing where it isn't known.
    public let stolenFraction: Double?
    /// Whether the block doesn't count because too much was stolen.
    public let isDropped: Bool

    /// The logarithms of one side's values in the order of its runs, turned so that more is better.
    static func logValues(_ timings: [Timing], _ role: Role, _ figure: Figure) -> [Double] {
        timings.filter { $0.role == role }.map { figure.sign * .log($0.value) }
    }
}

/// What one side did in the blocks that count.
public struct SideResult: Codable, Sendable {
    /// The median of its runs' values, or the largest where that is the figure.
    public let value: Double
    /// The lower end of the signed-rank interval of the values at 95 %, if there were runs enough.
    public let lower: Double?
    /// The upper end.
    public let upper: Double?
    /// The durations of its operations.
    public let latency: LatencySummary?
    /// How many operations of an open loop weren't begun at all.
    public let unstartedCount: Int
    /// How late the harness woke, in an open loop.
    public let wakeLateness: LatencySummary?
}

/// Gathers the runs of one side.
struct SideRuns {
    private var values: [Double] = []
    private var latency = LatencyRecorder()
    private var wakeLateness = LatencyRecorder()
    private var unstartedCount = 0

    mutating func add(_ run: Run, value: Double) {
        values.append(value)
        if let durations = run.latency { latency.add(durations) }
        if let lateness = run.wakeLateness { wakeLateness.add(lateness) }
        unstartedCount += run.unstartedCount
    }

    /// There is at least one run.
    func result(_ figure: Figure) -> SideResult {
        let sorted = values.sorted()
        var interval = SignedRank(values).interval(confidence: 0.95)
        var value = median(ofSorted: sorted)
        if figure == .peakMemory, let largest = sorted.last {
            // A peak is a bound on all that was seen, not the centre of a distribution.
            (value, interval) = (largest, largest...largest)
        }
        return SideResult(
            value: value, lower: interval?.lowerBound, upper: interval?.upperBound,
            latency: latency.summary, unstartedCount: unstartedCount,
            wakeLateness: wakeLateness.summary)
    }
}
