/// How often and how strictly a trial is looked at: declared before anything is measured.
public struct TrialPlan: Codable, Equatable, Sendable {
    /// One look at what has been measured.
    public struct Look: Codable, Equatable, Sendable {
        /// How many blocks each cell that is still undecided has by then.
        public let blockCount: Int
        /// The share of the error probability that is spent on this look, for all cells together.
        public let alpha: Double

        /// Declares a look.
        public init(blockCount: Int, alpha: Double) {
            self.blockCount = blockCount
            self.alpha = alpha
        }
    }

    /// The looks in ascending order of their blocks; what they spend adds up.
    public let looks: [Look]
    /// A loss below this share is never called a regression.
    public let leastLimit: Double
    /// On a machine so noisy that the limit is above this share, nothing is passed as no regression.
    public let mostLimit: Double
    /// A block is dropped when more than this share of its processor time was stolen.
    public let stolenFractionLimit: Double

    /// Declares one to three looks.
    public init(
        looks: [Look], leastLimit: Double = 0.03, mostLimit: Double = 0.1,
        stolenFractionLimit: Double = 0.02
    ) {
        precondition((1...3).contains(looks.count), "one to three looks")
        self.looks = looks
        self.leastLimit = leastLimit
        self.mostLimit = mostLimit
        self.stolenFractionLimit = stolenFractionLimit
    }

    /// 12, 24 and 48 blocks, which spend 1 %, 1.5 % and 2.5 %: 5 % in all.
    public static let standard = TrialPlan(looks: [
        Look(blockCount: 12, alpha: 0.010), Look(blockCount: 24, alpha: 0.015),
        Look(blockCount: 48, alpha: 0.025),
    ])
}
