internal import RealModule

/// Chooses among `count` things, all alike or by Zipf's law.
///
/// Under Zipf's law index 0 is the most popular. Callers who don't want popular things to be
/// neighbours permute the index. Costs no memory at any count; a value of it may be shared by threads.
public struct IndexChoice: Sendable {
    /// How often each index is chosen.
    public enum Law: Sendable {
        /// Every index equally often.
        case uniform
        /// Index i in proportion to 1 / (i + 1)^exponent; 0.99 is what YCSB takes.
        case zipf(exponent: Double)
    }

    private let count: Int
    private let zipf: RejectionInversion?

    /// Prepares a choice among `count` things, at least one; a Zipf exponent lies above 0.
    public init(_ law: Law, count: Int) {
        precondition(count > 0, "there is nothing to choose from")
        self.count = count
        switch law {
        case .uniform: zipf = nil
        case .zipf(let exponent): zipf = RejectionInversion(count: count, exponent: exponent)
        }
    }

    /// The next index, in `0..<count`.
    public func next(using random: inout Xoshiro256) -> Int {
        guard let zipf else { return random.nextIndex(below: count) }
        return zipf.nextRank(using: &random) - 1
    }
}

// MARK: - Zipf

/// Rejection-inversion sampling of ranks 1...count (Hörmann and Derflinger, 1996), without a table.
private struct RejectionInversion: Sendable {
    let count: Int
    let exponent: Double
    let integralAtFirst: Double
    let integralAtLast: Double
    let squeeze: Double

    init(count: Int, exponent: Double) {
        precondition(exponent > 0, "a Zipf exponent lies above 0")
        self.count = count
        self.exponent = exponent
        integralAtFirst = Self.integral(1.5, exponent) - 1
        integralAtLast = Self.integral(Double(count) + 0.5, exponent)
        let second = Self.integral(2.5, exponent) - Self.density(2, exponent)
        squeeze = 2 - Self.inverseIntegral(second, exponent)
    }

    func nextRank(using random: inout Xoshiro256) -> Int {
        while true {
            let span = integralAtFirst - integralAtLast
            let height = integralAtLast + random.nextUnit() * span
            let position = Self.inverseIntegral(height, exponent)
            let rank = min(max(Int(position + 0.5), 1), count)
            let edge = Self.integral(Double(rank) + 0.5, exponent)
            if Double(rank) - position <= squeeze
                || height >= edge - Self.density(Double(rank), exponent)
            {
                return rank
            }
        }
    }

    private static func density(_ position: Double, _ exponent: Double) -> Double {
        .exp(-exponent * .log(position))
    }

    /// The integral of the density from 1; near an exponent of 1 the quotient is 0 / 0, so the limit.
    private static func integral(_ position: Double, _ exponent: Double) -> Double {
        let logarithm = Double.log(position)
        let scaled = (1 - exponent) * logarithm
        return (abs(scaled) > 1e-8 ? .expMinusOne(scaled) / scaled : 1 + scaled / 2) * logarithm
    }

    private static func inverseIntegral(_ height: Double, _ exponent: Double) -> Double {
        let scaled = max(height * (1 - exponent), -1)
        return .exp((abs(scaled) > 1e-8 ? .log(onePlus: scaled) / scaled : 1 - scaled / 2) * height)
    }
}
