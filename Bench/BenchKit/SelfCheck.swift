/// How trials of a cell came out whose outcome is known beforehand.
public struct SelfCheck: Codable, Sendable {
    /// How many trials came to each verdict.
    public struct Tally: Codable, Equatable, Sendable {
        /// Worse than the limit.
        public internal(set) var regressionCount = 0
        /// Not worse.
        public internal(set) var noRegressionCount = 0
        /// It couldn't be told.
        public internal(set) var inconclusiveCount = 0
        /// How many blocks that took in all.
        public internal(set) var blockCount = 0

        /// How many trials there were.
        public var trialCount: Int { regressionCount + noRegressionCount + inconclusiveCount }
    }

    /// The cell's name.
    public let name: String
    /// Trials of equals.
    public private(set) var equal = Tally()
    /// Trials in which B was made slower by a tenth.
    public private(set) var delayed = Tally()

    /// Begins without trials.
    public init(name: String) {
        self.name = name
    }

    /// Counts a trial by the verdict on its times.
    public mutating func add(_ result: TrialResult, isDelayed: Bool) {
        let tally = isDelayed ? \SelfCheck.delayed : \SelfCheck.equal
        self[keyPath: tally].blockCount += result.blocks.count
        switch result.verdict {
        case .regression: self[keyPath: tally].regressionCount += 1
        case .noRegression: self[keyPath: tally].noRegressionCount += 1
        case .inconclusive: self[keyPath: tally].inconclusiveCount += 1
        }
    }

    /// Whether there was at most one false alarm among 20, and nine delays of ten were found.
    public var isPassed: Bool {
        equal.trialCount > 0 && delayed.trialCount > 0
            && equal.regressionCount * 20 <= equal.trialCount
            && delayed.regressionCount * 10 >= delayed.trialCount * 9
    }
}
