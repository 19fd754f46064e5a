import Testing

@testable import BenchKit

/// The vectors come from SciPy 1.17.1, which gives p-values but no interval; so the interval is the set
/// of centres that its exact test doesn't reject:
///
///     d = numpy.round(numpy.random.default_rng(7).normal(0.02, 0.1, n), 4)   # n = 6, 12, 20, 50 in turn
///     u = numpy.unique([(d[i] + d[j]) / 2 for i in range(n) for j in range(i, n)])
///     m = numpy.concatenate([[u[0] - 1], (u[1:] + u[:-1]) / 2, [u[-1] + 1]])
///     ok = [c for c in m if scipy.stats.wilcoxon(d - c, method="exact").pvalue > 0.05]
///     lower, upper = u[searchsorted(u, ok[0]) - 1], u[searchsorted(u, ok[-1])]
@Suite struct SignedRankTests {
    struct Vector: Sendable {
        let differences: [Double]
        let estimate: Double
        let lower: Double
        let upper: Double
    }

    static let vectors = [
        Vector(
            differences: [0.0201, 0.0499, -0.0074, -0.0691, -0.0255, -0.0792],
            estimate: -0.01645, lower: -0.0792, upper: 0.0499),
        Vector(
            differences: [
                0.026, 0.154, -0.0292, -0.042, 0.069, 0.0557, 0.0305, -0.073, 0.0171, 0.0895,
                -0.1144, -0.0258,
            ],
            estimate: 0.014225, lower: -0.0356, upper: 0.06235),
        Vector(
            differences: [
                -0.1701, -0.109, -0.1642, -0.0035, -0.1067, 0.0471, 0.0357, 0.0013, -0.2317,
                -0.0339, 0.0151, 0.0313, -0.133, -0.0278, -0.0779, -0.0609, 0.1261, -0.0608,
                0.0167, 0.1084,
            ],
            estimate: -0.037175, lower: -0.08385, upper: 0.0082),
        Vector(
            differences: [
                -0.0384, 0.0088, 0.031, 0.0264, -0.1025, 0.0276, 0.1559, -0.1347, 0.1059, 0.0319,
                -0.0441, 0.22, 0.0962, -0.0999, 0.0275, 0.0777, 0.0011, 0.0883, 0.0133, 0.0867,
                0.1639, -0.0476, 0.0403, -0.0263, 0.0327, -0.0987, -0.0379, 0.0004, 0.1099, 0.1345,
                -0.1124, -0.0595, 0.0847, -0.1792, -0.0263, 0.0103, 0.1457, 0.0889, -0.0127,
                -0.0169, -0.005, 0.1724, -0.0228, -0.0104, 0.0553, 0.0079, 0.0003, -0.0914, 0.0188,
                -0.0244,
            ],
            estimate: 0.01505, lower: -0.00705, upper: 0.04085),
    ]

    @Test(arguments: vectors) func `estimate and interval agree with SciPy`(vector: Vector) throws {
        let signedRank = SignedRank(vector.differences)
        let interval = try #require(signedRank.interval(confidence: 0.95))
        #expect(abs(signedRank.estimate - vector.estimate) < 1e-6)
        #expect(abs(interval.lowerBound - vector.lower) < 1e-6)
        #expect(abs(interval.upperBound - vector.upper) < 1e-6)
    }

    // scipy.stats.wilcoxon(d, alternative="less", method="exact").pvalue, where the ranks of the
    // positive values among d = ±1...±n sum to w
    @Test(arguments: [
        (6, 0, 0.015625), (12, 13, 0.021240234375), (12, 14, 0.026123046875),
        (20, 52, 0.02422046661376953), (50, 434, 0.024723203400300875),
    ])
    func `the distribution agrees with SciPy`(count: Int, sum: Int, probability: Double) {
        let cumulative = SignedRank.cumulativeProbabilities(count: count)
        #expect(abs(cumulative[sum] - probability) < 1e-12)
        #expect(cumulative.count == count * (count + 1) / 2 + 1)
    }

    @Test func `five differences are too few for 95 percent and six are enough`() {
        #expect(SignedRank([1, 2, 3, 4, 5]).interval(confidence: 0.95) == nil)
        #expect(SignedRank([1, 2, 3, 4, 5, 6]).interval(confidence: 0.95) == 1...6)
    }

    @Test func `a single difference is its own estimate, without an interval`() {
        #expect(SignedRank([0.5]).estimate == 0.5)
        #expect(SignedRank([0.5]).interval(confidence: 0.5) == nil)
    }

    @Test func `no confidence at all still gives lower before upper`() throws {
        let interval = try #require(SignedRank([3, 1, 2]).interval(confidence: 0))
        #expect(interval.contains(2))
    }

    // scipy.stats.wilcoxon(d + 0.01, alternative="greater" or "less", method="exact").pvalue for the
    // vector of 12
    @Test func `p-values agree with SciPy`() {
        let signedRank = SignedRank(Self.vectors[1].differences)
        #expect(abs(signedRank.pValue(ofCentreAtMost: -0.01) - 0.150634765625) < 1e-12)
        #expect(abs(signedRank.pValue(ofCentreAtLeast: -0.01) - 0.866943359375) < 1e-12)
    }

    @Test func `an interval excludes a centre just when its p-value is small enough`() throws {
        for vector in Self.vectors.prefix(3) {
            let ranks = SignedRank(vector.differences)
            let interval = try #require(ranks.interval(confidence: 0.95))
            for step in -40...40 {
                let centre = vector.estimate + Double(step) / 400 + 1e-5
                let pValue = min(
                    ranks.pValue(ofCentreAtMost: centre), ranks.pValue(ofCentreAtLeast: centre))
                #expect(interval.contains(centre) == (pValue > 0.025))
            }
        }
    }

    // MARK: - Bounds

    @Test func `a bound is decided only when the whole interval lies on one side`() throws {
        func check(_ limit: Double, _ factors: [Double]) throws -> BoundCheck {
            var index = 0
            let b = Side(name: "b") { _ in simulatedRun(milliseconds: 100) }
            let a = Side(name: "a") { _ in
                index += 1
                return simulatedRun(milliseconds: 100 / factors[(index - 1) / 2])
            }
            let comparison = try Comparison(blockCount: factors.count, warmUpRunCount: 0).run(
                a, against: b, seed: 1, processorTime: { nil })
            return Bound.atLeast(ratio: limit).check(comparison)
        }
        // Six equal log ratios make an interval of no width.
        let exact = [Double](repeating: 1, count: 6)
        #expect(try check(0.999, exact) == .within)
        #expect(try check(1.01, exact) == .notWithin)
        #expect(try check(1, [0.7, 0.8, 0.9, 1.1, 1.2, 1.3]) == .inconclusive)
        #expect(try check(1, [2, 2, 2]) == .inconclusive)
    }

    @Test func `of several bounds the worst verdict counts`() throws {
        func run(milliseconds: Double) -> Run {
            var latency = LatencyRecorder()
            for _ in 0..<98 { latency.record(nanoseconds: 1000) }
            for _ in 0..<2 { latency.record(nanoseconds: 8000) }
            return Run(work: 1, elapsedNanoseconds: UInt64(milliseconds * 1e6), latency: latency)
        }
        func comparison(blockCount: Int) throws -> ComparisonResult {
            try Comparison(blockCount: blockCount, warmUpRunCount: 0).run(
                Side(name: "a") { _ in run(milliseconds: 100) },
                against: Side(name: "b") { _ in run(milliseconds: 100) }, seed: 1,
                processorTime: { nil })
        }
        let (met, missed) = (Bound.atLeast(ratio: 0.5), Bound.atLeast(ratio: 2))
        let found = try comparison(blockCount: 6)
        #expect(Bound.all([met, met]).check(found) == .within)
        #expect(Bound.all([met, missed]).check(found) == .notWithin)
        #expect(Bound.tailAtMost(nanoseconds: 8010).check(found) == .within)
        #expect(Bound.tailAtMost(nanoseconds: 7990).check(found) == .notWithin)
        #expect(Bound.all([met, .tailAtMost(nanoseconds: 7990)]).check(found) == .notWithin)
        // Three blocks have no interval.
        let tail = Bound.tailAtMost(nanoseconds: 8010)
        #expect(Bound.all([tail, met]).check(try comparison(blockCount: 3)) == .inconclusive)
        #expect(Bound.all([tail, .all([met])]).leastRatio == 0.5)
        #expect(tail.leastRatio == nil)
    }
}
