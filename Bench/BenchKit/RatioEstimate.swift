internal import RealModule

/// How many times better one side is than the other, with an interval.
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

    /// The interval with its confidence, as `0.81 to 0.88`.
    public var intervalText: String {
        guard let lower, let upper else { return "too few blocks" }
        return "\(Figures.ratio(lower)) to \(Figures.ratio(upper))"
    }
}
