/// What a result must keep to.
public enum Bound: Codable, Equatable, Sendable {
    /// The ratio to the reference is at least this, as 0.8 of a ceiling.
    case atLeast(ratio: Double)
    /// The value is at most this, in the unit of its figure: nanoseconds or bytes.
    case atMost(value: Double)
    /// The 99th percentile of all durations that were measured is at most this.
    case tailAtMost(nanoseconds: Double)
    /// Each of these.
    case all([Bound])

    /// Decides only when the whole interval lies on one side of the bound.
    ///
    /// A value without an interval, as the most memory that was seen or the tail of all durations
    /// together, is compared as it is.
    func check(_ comparison: ComparisonResult) -> BoundCheck {
        switch self {
        case .atLeast(let limit):
            guard let lower = comparison.ratio.lower, let upper = comparison.ratio.upper else {
                return .inconclusive
            }
            return lower >= limit ? .within : upper < limit ? .notWithin : .inconclusive
        case .atMost(let limit):
            let side = comparison.a
            guard let lower = side.lower, let upper = side.upper else {
                return .inconclusive
            }
            return upper <= limit ? .within : lower > limit ? .notWithin : .inconclusive
        case .tailAtMost(let limit):
            guard let latency = comparison.a.latency else { return .inconclusive }
            return Double(latency.p99Nanoseconds) <= limit ? .within : .notWithin
        case .all(let bounds):
            let checks = bounds.map { $0.check(comparison) }
            if checks.contains(.notWithin) { return .notWithin }
            return checks.contains(.inconclusive) ? .inconclusive : .within
        }
    }

    /// The least ratio to the reference, if there is a bound on it.
    var leastRatio: Double? {
        switch self {
        case .atLeast(let ratio): ratio
        case .atMost, .tailAtMost: nil
        case .all(let bounds): bounds.lazy.compactMap(\.leastRatio).first
        }
    }

    /// The bound for people, as `at least 0.80` or `at most 12.0 ms`.
    public func text(_ figure: Figure, _ unit: WorkUnit) -> String {
        switch self {
        case .atLeast(let ratio): "at least \(Figures.ratio(ratio))"
        case .atMost(let value): "at most \(figure.text(value, unit))"
        case .tailAtMost(let nanoseconds):
            "p99 at most \(Figures.duration(nanoseconds: nanoseconds))"
        case .all(let bounds): bounds.map { $0.text(figure, unit) }.joined(separator: ", ")
        }
    }
}

/// Whether a result keeps to a bound, as far as can be told.
public enum BoundCheck: String, Codable, Sendable {
    /// It does.
    case within = "within bound"
    /// It doesn't.
    case notWithin = "not within"
    /// The interval holds the bound, or there is no interval.
    case inconclusive
}
