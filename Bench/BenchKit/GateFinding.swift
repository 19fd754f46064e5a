internal import RealModule

/// What a gate says of a cell, held against a baseline from the same kind of machine.
public struct GateFinding: Codable, Sendable {
    /// The cell's name.
    public let name: String
    /// How many times better than its ceiling the cell is now.
    public let ratio: RatioEstimate
    /// The lowest ratio of any block of the baseline: its own spread, below which it is worse.
    public let limit: Double
    /// Exact counts that aren't the baseline's.
    public let countChanges: [CountChange]
    /// Whether counts were taken of so many operations as in the baseline, or in neither.
    public let areCountsComparable: Bool
    /// What is to be said of it.
    public let verdict: Verdict

    /// Holds a result against the same cell of a baseline.
    ///
    /// A count that has grown is a regression. So is a ratio whose whole interval lies below the
    /// baseline's spread; one whose interval lies above its lower end is none.
    public init(_ now: CellResult, against baseline: CellResult) {
        name = now.name
        ratio = now.comparison.ratio
        limit = .exp(
            baseline.comparison.blocks.lazy.filter { !$0.isDropped }.map(\.logRatio).min() ?? 0)
        switch (now.counts, baseline.counts) {
        case (let counts?, let earlier?):
            areCountsComparable = counts.operationCount == earlier.operationCount
            countChanges = counts.changes(from: earlier)
        case (nil, nil):
            areCountsComparable = true
            countChanges = []
        default:
            areCountsComparable = false
            countChanges = []
        }
        let check = Bound.atLeast(ratio: limit).check(now.comparison)
        if countChanges.contains(where: \.isMore) || check == .notWithin {
            verdict = .regression
        } else {
            verdict = check == .within && areCountsComparable ? .noRegression : .inconclusive
        }
    }
}
