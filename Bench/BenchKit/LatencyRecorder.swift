internal import Histogram

/// A distribution of durations in nanoseconds, exact to three significant digits up to an hour.
///
/// Longer durations count as an hour. Codable, so that another process can hand over its own.
public struct LatencyRecorder: Codable, Sendable {
    private static let longestNanoseconds: UInt64 = 3_600_000_000_000

    private var histogram: Histogram<UInt32>

    /// Makes an empty distribution, about 140 kB large.
    public init() {
        histogram = Histogram(
            highestTrackableValue: Self.longestNanoseconds, numberOfSignificantValueDigits: .three)
    }

    /// Adds one duration.
    public mutating func record(nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, Self.longestNanoseconds))
    }

    /// Adds all durations of another distribution.
    public mutating func add(_ other: LatencyRecorder) {
        histogram.add(other.histogram)
    }

    /// The percentiles, or nothing if there is no duration.
    public var summary: LatencySummary? {
        guard histogram.totalCount > 0 else { return nil }
        return LatencySummary(
            count: Int(histogram.totalCount),
            p50Nanoseconds: histogram.valueAtPercentile(50),
            p90Nanoseconds: histogram.valueAtPercentile(90),
            p99Nanoseconds: histogram.valueAtPercentile(99),
            p999Nanoseconds: histogram.valueAtPercentile(99.9),
            maxNanoseconds: histogram.maxRecorded,
            curve: Self.curvePercentiles.map { percentile in
                LatencyPoint(
                    percentile: percentile,
                    nanoseconds: histogram.valueAtPercentile(percentile))
            })
    }

    /// Where a curve of percentiles has its points: the tail matters, so it has most of them.
    private static let curvePercentiles: [Double] = [
        1, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100,
    ]
}

/// The percentiles of a distribution of durations.
public struct LatencySummary: Codable, Equatable, Sendable {
    /// How many durations there are.
    public let count: Int
    /// The median.
    public let p50Nanoseconds: UInt64
    /// The 90th percentile.
    public let p90Nanoseconds: UInt64
    /// The 99th percentile.
    public let p99Nanoseconds: UInt64
    /// The 99.9th percentile.
    public let p999Nanoseconds: UInt64
    /// The longest.
    public let maxNanoseconds: UInt64
    /// The distribution, by percentile in ascending order.
    public let curve: [LatencyPoint]
}

/// A point of a curve of percentiles.
public struct LatencyPoint: Codable, Equatable, Sendable {
    /// The share of durations that are at most this long, in 0...100.
    public let percentile: Double
    /// How long.
    public let nanoseconds: UInt64
}
