/// What a result must keep to.
public enum Bound: Codable, Equatable, Sendable {
    /// The ratio to the reference is at least this, as 0.8 of a ceiling.
    case atLeast(ratio: Double)
    /// The value is at most this, in the unit of its figure: nanoseconds or bytes.
    case atMost(value: Double)

    /// Decides only when the whole interval lies on one side of the bound.
    ///
    /// A value without an interval, as the most memory that was seen, is compared as it is.
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
        }
    }

    /// The bound for people, as `at least 0.80` or `at most 12.0 ms`.
    public func text(_ figure: Figure, _ unit: WorkUnit) -> String {
        switch self {
        case .atLeast(let ratio): "at least \(Figures.ratio(ratio))"
        case .atMost(let value): "at most \(figure.text(value, unit))"
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
