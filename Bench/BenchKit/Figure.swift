/// What is read off a run, and with that which way is better.
public enum Figure: String, Codable, Sendable {
    /// Work a second: more is better.
    case rate
    /// The median duration of an operation, in nanoseconds: less is better, as with all that follow.
    case medianLatency
    /// The 99th percentile of the durations of operations, in nanoseconds.
    case tailLatency
    /// Nanoseconds for the unit of work.
    case duration
    /// Bytes of memory, which the run hands over as its work.
    case peakMemory

    /// What `run` came to; nothing if it did no work, or has no latencies where they are the figure.
    public func value(of run: Run) -> Double? {
        guard run.work > 0, run.elapsedNanoseconds > 0 else { return nil }
        switch self {
        case .rate: return Double(run.work) * 1e9 / Double(run.elapsedNanoseconds)
        case .duration: return Double(run.elapsedNanoseconds) / Double(run.work)
        case .peakMemory: return Double(run.work)
        case .medianLatency: return run.latency?.summary.map { Double(max(1, $0.p50Nanoseconds)) }
        case .tailLatency: return run.latency?.summary.map { Double(max(1, $0.p99Nanoseconds)) }
        }
    }

    /// An amount of it with its unit, for people: `3.21 GB/s`, `12.3 µs`.
    public func text(_ value: Double, _ unit: WorkUnit) -> String {
        switch self {
        case .rate: Figures.rate(value, unit)
        case .medianLatency, .tailLatency, .duration: Figures.duration(nanoseconds: value)
        case .peakMemory: Figures.memory(byteCount: value)
        }
    }

    /// What it is called above a column or beside an axis.
    public var title: String {
        switch self {
        case .rate: "rate"
        case .medianLatency: "median latency"
        case .tailLatency: "p99 latency"
        case .duration: "duration"
        case .peakMemory: "peak memory"
        }
    }

    /// 1 where more is better, -1 where less is: with it, a difference of logarithms above 0 is
    /// always an improvement.
    var sign: Double { self == .rate ? 1 : -1 }
}
