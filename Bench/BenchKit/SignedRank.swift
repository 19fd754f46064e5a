internal import Synchronization

/// The one-sample Wilcoxon signed-rank procedures: location and interval without assuming normality.
///
/// The distribution is exact for every count, under the usual assumption that differences are
/// symmetric about their centre. Ties make the interval slightly too wide, never too narrow.
public struct SignedRank: Sendable {
    /// The means of all pairs, each value paired with itself too, in ascending order.
    private let walshAverages: [Double]
    private let count: Int

    /// Prepares 1 to 1,000 differences.
    public init(_ differences: [Double]) {
        precondition((1...1000).contains(differences.count), "1 to 1,000 differences")
        count = differences.count
        var averages: [Double] = []
        averages.reserveCapacity(count * (count + 1) / 2)
        for first in differences.indices {
            for second in first..<differences.count {
                averages.append((differences[first] + differences[second]) / 2)
            }
        }
        walshAverages = averages.sorted()
    }

    /// The Hodges-Lehmann estimate of the centre: the median of the pairs' means.
    public var estimate: Double { median(ofSorted: walshAverages) }

    /// The narrowest interval by rank that holds the centre with at least this confidence, in 0..<1.
    ///
    /// Nothing when there are too few differences for any: below 6 for 95 %.
    public func interval(confidence: Double) -> ClosedRange<Double>? {
        precondition((0..<1).contains(confidence), "a confidence lies in 0..<1")
        let tail = (1 - confidence) / 2
        var rank = 0
        for cumulative in Self.cumulativeProbabilities(count: count) {
            guard cumulative <= tail else { break }
            rank += 1
        }
        guard rank > 0, 2 * rank <= walshAverages.count else { return nil }
        return walshAverages[rank - 1]...walshAverages[walshAverages.count - rank]
    }

    /// The one-sided p-value of the hypothesis that the centre is `value` or less: small when nearly
    /// all pairs' means lie above it. `interval` at a confidence of 1 - 2p or less excludes `value`.
    public func pValue(ofCentreAtMost value: Double) -> Double {
        Self.cumulativeProbabilities(count: count)[walshAverages.count { $0 <= value }]
    }

    /// The one-sided p-value of the hypothesis that the centre is `value` or more.
    public func pValue(ofCentreAtLeast value: Double) -> Double {
        Self.cumulativeProbabilities(count: count)[walshAverages.count { $0 >= value }]
    }

    /// P(W <= w) for w in 0...count(count + 1)/2, where W sums a random subset of the ranks 1...count.
    static func cumulativeProbabilities(count: Int) -> [Double] {
        distributions.withLock { known in
            if let distribution = known[count] { return distribution }
            let distribution = makeCumulativeProbabilities(count: count)
            known[count] = distribution
            return distribution
        }
    }

    /// They take count³ steps to make, and the same few are asked for again and again.
    private static let distributions = Mutex<[Int: [Double]]>([:])

    private static func makeCumulativeProbabilities(count: Int) -> [Double] {
        var probabilities = [1.0]
        for rank in 1...count {
            var next = [Double](repeating: 0, count: probabilities.count + rank)
            for (sum, probability) in probabilities.enumerated() {
                next[sum] += probability / 2
                next[sum + rank] += probability / 2
            }
            probabilities = next
        }
        var total = 0.0
        return probabilities.map { probability in
            total += probability
            return total
        }
    }
}

/// The median of at least one value in ascending order.
func median(ofSorted values: [Double]) -> Double {
    (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
}
