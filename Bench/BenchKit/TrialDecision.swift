internal import RealModule

/// What a trial or a gate says of a cell.
public enum Verdict: String, Codable, Sendable {
    /// It is worse than the limit allows.
    case regression
    /// It isn't.
    case noRegression = "no regression"
    /// That can't be told.
    case inconclusive
}

/// What was decided about one trial at its last look.
struct TrialDecision {
    let verdict: Verdict
    /// Of the interval on which the verdict rests.
    let confidence: Double
    /// The loss that would be a regression, as a difference of logarithms above 0.
    let logLimit: Double
    let logNoiseFloor: Double
    let lookCount: Int
}

extension TrialPlan {
    /// Decides trials at a look, Holm's way across them: the clearer a cell, the stricter its level.
    ///
    /// A cell is a regression when its whole interval is worse than the limit, and none when the whole
    /// interval is better than it and the limit isn't above `mostLimit`. The level of a look is divided by the number of cells that aren't
    /// decided yet; over all looks and cells the probability of any wrong decision is at most the sum
    /// of what the looks spend.
    func decide(_ trials: [Trial], look lookIndex: Int) -> [TrialDecision] {
        let evidence = trials.map { Evidence($0, self) }
        let order = evidence.indices.sorted { evidence[$0].pValue < evidence[$1].pValue }
        var decisions: [(Int, TrialDecision)] = []
        var goesOn = true
        var level = 0.0
        for (rank, index) in order.enumerated() {
            if goesOn { level = looks[lookIndex].alpha / Double(order.count - rank) }
            goesOn = goesOn && evidence[index].pValue <= level
            decisions.append(
                (
                    index,
                    TrialDecision(
                        verdict: goesOn ? evidence[index].verdict : .inconclusive,
                        confidence: 1 - level, logLimit: evidence[index].logLimit,
                        logNoiseFloor: evidence[index].logNoiseFloor, lookCount: lookIndex + 1)
                ))
        }
        return decisions.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// What the blocks of one trial speak for.
private struct Evidence {
    let logNoiseFloor: Double
    let logLimit: Double
    /// Two-sided, for the hypothesis that the loss is exactly the limit.
    let pValue: Double
    /// What is so if that hypothesis is rejected.
    let verdict: Verdict

    init(_ trial: Trial, _ plan: TrialPlan) {
        // The half-width at 95 % of what equal things differ by; without blocks enough for an
        // interval there is no verdict either.
        let noise = SignedRank(trial.nullContrasts).interval(confidence: 0.95)
        logNoiseFloor = noise.map { ($0.upperBound - $0.lowerBound) / 2 } ?? 0
        logLimit = max(-.log(1 - plan.leastLimit), 2 * logNoiseFloor)
        let ranks = SignedRank(trial.logRatios)
        let ofLess = ranks.pValue(ofCentreAtMost: -logLimit)
        let ofMore = ranks.pValue(ofCentreAtLeast: -logLimit)
        // Not to have lost half is no news: only a loss can still be told.
        let canPass = logLimit <= -.log(1 - plan.mostLimit)
        pValue = min(1, 2 * (canPass ? min(ofLess, ofMore) : ofMore))
        verdict = ofMore < ofLess ? .regression : .noRegression
    }
}
