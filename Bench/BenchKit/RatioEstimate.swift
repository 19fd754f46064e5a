internal import RealModule

/// How many times faster one side is than the other, with an interval.
public struct RatioEstimate: Codable, Equatable, Sendable {
    /// The Hodges-Lehmann estimate, back from logarithms.
    public let estimate: Double
    /// The lower end of the Wilcoxon signed-rank interval, if there were blocks enough for one.
    public let lower: Double?
    /// The upper end.
    public let upper: Double?
    /// The confidence of the interval, as 0.95.
    public let confidence: Double
    /// How many blocks it rests on.
    public let blockCount: Int

    /// Estimates from the log ratio of each block; there is at least one.
    public init(logRatios: [Double], confidence: Double) {
        let signedRank = SignedRank(logRatios)
        let interval = signedRank.interval(confidence: confidence)
        estimate = .exp(signedRank.estimate)
        lower = interval.map { .exp($0.lowerBound) }
        upper = interval.map { .exp($0.upperBound) }
        self.confidence = confidence
        blockCount = logRatios.count
    }
}

/// What a ratio must keep to.
public enum Bound: Codable, Equatable, Sendable {
    /// At least this, as 0.8 of a ceiling.
    case atLeast(ratio: Double)
    /// At most this.
    case atMost(ratio: Double)

    /// Decides only when the whole interval lies on one side of the bound.
    public func check(_ ratio: RatioEstimate) -> BoundCheck {
        guard let lower = ratio.lower, let upper = ratio.upper else { return .inconclusive }
        switch self {
        case .atLeast(let limit):
            return lower >= limit ? .within : upper < limit ? .notWithin : .inconclusive
        case .atMost(let limit):
            return upper <= limit ? .within : lower > limit ? .notWithin : .inconclusive
        }
    }
}

/// Whether a ratio keeps to a bound, as far as can be told.
public enum BoundCheck: String, Codable, Sendable {
    /// It does.
    case within = "within bound"
    /// It doesn't.
    case notWithin = "not within"
    /// The interval holds the bound, or there is no interval.
    case inconclusive
}
