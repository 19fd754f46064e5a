/// What a trial found about one cell.
public struct TrialResult: Codable, Sendable {
    /// The cell's name.
    public let name: String
    /// What it measures.
    public let summary: String
    /// What its work is counted in.
    public let unit: WorkUnit
    /// What the values are.
    public let figure: Figure
    /// The name of the ceiling.
    public let ceilingName: String
    /// What was there before.
    public let a: SideResult
    /// What is judged.
    public let b: SideResult
    /// What bounds both.
    public let ceiling: SideResult
    /// How many times better B is than A, with the interval on which the verdict rests.
    public let ratio: RatioEstimate
    /// The share of loss from which on it is a regression.
    public let limit: Double
    /// The share by which the machine makes equal things differ in as many blocks.
    public let noiseFloor: Double
    /// What is to be said of the times.
    public let verdict: Verdict
    /// How many looks were taken.
    public let lookCount: Int
    /// All blocks in the order in which they ran, the dropped ones too.
    public let blocks: [Block]
    /// Exact counts of B that aren't A's.
    public let countChanges: [CountChange]

    /// The verdict on times and counts together: a count that has grown is a regression.
    public var overallVerdict: Verdict {
        countChanges.contains(where: \.isMore) ? .regression : verdict
    }
}

/// The trials of several cells, looked at together.
public struct TrialFamily {
    private struct Member {
        var trial: Trial
        var decision: TrialDecision?
        var countChanges: [CountChange] = []
    }

    /// How often and how strictly is looked.
    public let plan: TrialPlan
    private var members: [Member] = []

    /// Makes a family without trials.
    public init(_ plan: TrialPlan) {
        self.plan = plan
    }

    /// The indices of the trials that need more blocks, in ascending order.
    public var undecided: [Int] {
        members.indices.filter {
            (members[$0].decision?.verdict ?? .inconclusive) == .inconclusive
        }
    }

    /// Adds a trial before the first look; the index that it goes by is returned.
    public mutating func add(_ trial: Trial) -> Int {
        members.append(Member(trial: trial))
        return members.count - 1
    }

    /// Changes a trial, as by extending it.
    public mutating func withTrial<Success>(
        _ index: Int, _ body: (inout Trial) throws -> Success
    ) rethrows -> Success {
        try body(&members[index].trial)
    }

    /// Notes the exact counts that differ.
    public mutating func note(_ changes: [CountChange], at index: Int) {
        members[index].countChanges = changes
    }

    /// Takes a look at all trials that are undecided and have blocks.
    public mutating func look(_ lookIndex: Int) {
        let indices = undecided.filter { members[$0].trial.usableBlockCount > 0 }
        let decisions = plan.decide(indices.map { members[$0].trial }, look: lookIndex)
        for (index, decision) in zip(indices, decisions) { members[index].decision = decision }
    }

    /// What has been found so far. A trial that no look has seen is inconclusive.
    public var results: [TrialResult] {
        members.compactMap { member in
            guard member.trial.usableBlockCount > 0 else { return nil }
            let decision =
                member.decision
                ?? plan.decide([member.trial], look: 0)[0].unseen
            return member.trial.result(decision, countChanges: member.countChanges)
        }
    }
}

extension TrialDecision {
    /// The same without a verdict: for what no look has seen.
    fileprivate var unseen: TrialDecision {
        TrialDecision(
            verdict: .inconclusive, confidence: confidence, logLimit: logLimit,
            logNoiseFloor: logNoiseFloor, lookCount: 0)
    }
}
