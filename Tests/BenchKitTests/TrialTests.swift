import Testing

@testable import BenchKit

@Suite struct TrialTests {
    static func trial(_ figure: Figure = .rate, sliceCount: Int = 1, seed: UInt64 = 1) -> Trial {
        Trial(
            name: "cell", summary: "does", unit: .operations, figure: figure, ceilingName: "kernel",
            sliceCount: sliceCount, seed: seed)
    }

    /// Sides whose runs take so many milliseconds, with noise.
    static func sides(
        a: Double = 100, b: Double = 100, noise share: Double = 0, seed: UInt64 = 9
    ) -> TrialSides {
        var random = Xoshiro256(seed: seed)
        func side(_ name: String, _ milliseconds: Double) -> Side {
            Side(name: name) { _ in
                simulatedRun(
                    milliseconds: milliseconds * .maximum(0.1, 1 + share * noise(&random)))
            }
        }
        return TrialSides(a: side("a", a), b: side("b", b), ceiling: side("c", 50))
    }

    static func extend(_ trial: inout Trial, to count: Int, _ sides: TrialSides) throws {
        try trial.extend(to: count, sides, stolenFractionLimit: 0.02, processorTime: { nil })
    }

    @Test func `blocks are C A B B A C or C B A A B C, both of them`() throws {
        var trial = Self.trial()
        try Self.extend(&trial, to: 40, Self.sides())
        let orders = Set(trial.blocks.map { $0.timings.map(\.role.rawValue).joined() })
        #expect(orders == ["CABBAC", "CBAABC"])
    }

    @Test func `the ratio is above 1 when B is better, whatever the figure`() throws {
        for figure in [Figure.rate, .duration] {
            var trial = Self.trial(figure)
            try Self.extend(&trial, to: 6, Self.sides(a: 100, b: 50))
            #expect(trial.logRatios.allSatisfy { abs($0 - 0.6931) < 0.001 })
            #expect(trial.nullContrasts == [Double](repeating: 0, count: 6))
        }
    }

    @Test func `both sides meet the same seeds, and the ceiling them too`() throws {
        var seeds: [String: [UInt64]] = [:]
        func side(_ name: String) -> Side {
            Side(name: name) {
                seeds[name, default: []].append($0)
                return simulatedRun(milliseconds: 1)
            }
        }
        var trial = Self.trial()
        try Self.extend(
            &trial, to: 3, TrialSides(a: side("a"), b: side("b"), ceiling: side("c")))
        #expect(seeds["a"] == seeds["b"])
        #expect(seeds["a"] == seeds["c"])
        #expect(Set(seeds["a"] ?? []).count == 6)
    }

    @Test func `slices of a block's runs take turns, and each run is the sum of its own`() throws {
        var order = ""
        func side(_ name: String) -> Side {
            Side(name: name) { _ in
                order += name
                // Each slice of a side takes longer than its last.
                return simulatedRun(milliseconds: Double(order.filter { "\($0)" == name }.count))
            }
        }
        var trial = Self.trial(sliceCount: 3)
        try Self.extend(
            &trial, to: 1, TrialSides(a: side("A"), b: side("B"), ceiling: side("C")))
        let roles = trial.blocks[0].timings.map(\.role.rawValue).joined()
        #expect(order == roles + roles + roles)
        let milliseconds = trial.blocks[0].timings.map { $0.elapsedNanoseconds / 1_000_000 }
        // The first and third and fifth slice of each side, and the others.
        #expect(milliseconds.sorted() == [9, 9, 9, 12, 12, 12])
        #expect(
            Set(trial.blocks[0].timings.map(\.work)) == [3 * simulatedRun(milliseconds: 1).work])
    }

    @Test func `all runs of a block are ready before its first, and cleared up after`() throws {
        var events: [String] = []
        func side(_ name: String) -> Side {
            Side(
                name: name, prepare: { events.append("\(name) ready \($0)") },
                finish: { events.append("\(name) clear") }
            ) { _ in
                events.append("run")
                return simulatedRun(milliseconds: 1)
            }
        }
        var trial = Self.trial()
        try Self.extend(
            &trial, to: 2, TrialSides(a: side("a"), b: side("b"), ceiling: side("c")))
        let block =
            ["a ready 2", "b ready 2", "c ready 2"] + [String](repeating: "run", count: 6)
            + ["a clear", "b clear", "c clear"]
        #expect(events == block + block)
    }

    @Test func `a block during which processor time was stolen is dropped and repeated`() throws {
        var reading = 0
        var time = ProcessorTime(total: 0, stolen: 0)
        var trial = Self.trial()
        try trial.extend(
            to: 3, Self.sides(), stolenFractionLimit: 0.02,
            processorTime: {
                // The first block loses 3 of 100 ticks.
                if reading % 2 == 1 {
                    time = ProcessorTime(
                        total: time.total + 100, stolen: time.stolen + (reading == 1 ? 3 : 0))
                }
                reading += 1
                return time
            })
        #expect(trial.blocks.map(\.isDropped) == [true, false, false, false])
        #expect(trial.usableBlockCount == 3)
    }

    @Test func `a trial is extended from where it stopped`() throws {
        var trial = Self.trial()
        try Self.extend(&trial, to: 2, Self.sides())
        try Self.extend(&trial, to: 5, Self.sides())
        #expect(trial.usableBlockCount == 5)
        #expect(trial.blocks.count == 5)
    }

    @Test func `a machine that is always robbed is given up`() {
        var time = ProcessorTime(total: 0, stolen: 0)
        var trial = Self.trial()
        #expect(throws: MeasurementError.noUsableBlock(workload: "cell")) {
            try trial.extend(
                to: 3, Self.sides(), stolenFractionLimit: 0.02,
                processorTime: {
                    time = ProcessorTime(total: time.total + 10, stolen: time.stolen + 5)
                    return time
                })
        }
        #expect(trial.blocks.count == 3)
    }
}

@Suite struct TrialFamilyTests {
    /// Takes the looks of the plan at cells whose B takes so many times as long as A.
    static func results(
        _ factors: [Double], noise: Double, seed: UInt64, plan: TrialPlan = .standard
    ) throws -> [TrialResult] {
        var family = TrialFamily(plan)
        var sides: [TrialSides] = []
        for (index, factor) in factors.enumerated() {
            _ = family.add(TrialTests.trial(seed: seed &+ UInt64(index)))
            sides.append(
                TrialTests.sides(
                    b: 100 * factor, noise: noise, seed: seed &* 31 &+ UInt64(index)))
        }
        for (lookIndex, look) in plan.looks.enumerated() {
            for index in family.undecided {
                try family.withTrial(index) {
                    try TrialTests.extend(&$0, to: look.blockCount, sides[index])
                }
            }
            family.look(lookIndex)
        }
        return family.results
    }

    @Test func `the looks spend five percent`() {
        #expect(abs(TrialPlan.standard.looks.reduce(0) { $0 + $1.alpha } - 0.05) < 1e-12)
        #expect(TrialPlan.standard.looks.map(\.blockCount) == [12, 24, 48])
    }

    @Test func `a clear loss is a regression at the first look, a gain is none`() throws {
        let results = try Self.results([1.2, 1, 0.8], noise: 0.01, seed: 1)
        #expect(results.map(\.verdict) == [.regression, .noRegression, .noRegression])
        #expect(results.allSatisfy { $0.lookCount == 1 && $0.blocks.count == 12 })
    }

    @Test func `a loss at the limit stays inconclusive through all looks`() throws {
        let result = try #require(try Self.results([1 / 0.97], noise: 0.01, seed: 2).first)
        #expect(result.verdict == .inconclusive)
        #expect(result.lookCount == 3)
        #expect(result.ratio.blockCount == 48)
    }

    @Test func `the limit is twice the noise floor where that is more than three percent`() throws {
        let quiet = try #require(try Self.results([1], noise: 0.005, seed: 3).first)
        #expect(abs(quiet.limit - 0.03) < 1e-9)
        let loud = try #require(try Self.results([1], noise: 0.2, seed: 3).first)
        #expect(loud.noiseFloor > 0.02)
        // Logarithms double, shares only nearly.
        let doubled = 1 - (1 - loud.noiseFloor) * (1 - loud.noiseFloor)
        #expect(abs(loud.limit - doubled) < 1e-9)
    }

    @Test func `Holm gives the clearest cell the strictest level`() throws {
        let plan = TrialPlan(looks: [.init(blockCount: 12, alpha: 0.04)])
        let results = try Self.results(
            [1.5, 1.5, 1 / 0.97, 1 / 0.97], noise: 0.01, seed: 4, plan: plan)
        let levels = results.map { 1 - $0.ratio.confidence }
        #expect(abs(levels[0] + levels[1] - (0.04 / 4 + 0.04 / 3)) < 1e-9)
        // The first that isn't rejected holds up those after it.
        #expect(abs(levels[2] - 0.02) < 1e-9)
        #expect(abs(levels[3] - 0.02) < 1e-9)
    }

    @Test func `a verdict and its interval say the same`() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let factors = [0.95, 1, 1.02, 1.05, 1.1]
            for result in try Self.results(factors, noise: 0.03, seed: seed) {
                let (lower, upper) = (result.ratio.lower ?? 0, result.ratio.upper ?? .infinity)
                switch result.verdict {
                case .regression: #expect(upper < 1 - result.limit)
                case .noRegression: #expect(lower > 1 - result.limit)
                case .inconclusive:
                    #expect(result.limit > 0.1 || (lower...upper).contains(1 - result.limit))
                }
            }
        }
    }

    @Test func `a machine too noisy to tell ten percent passes nothing`() throws {
        let result = try #require(try Self.results([1], noise: 0.3, seed: 5).first)
        #expect(result.limit > 0.1)
        #expect(result.verdict == .inconclusive)
        let lost = try #require(try Self.results([4], noise: 0.3, seed: 5).first)
        #expect(lost.verdict == .regression)
    }

    @Test func `a trial that no look has seen is inconclusive`() throws {
        var family = TrialFamily(.standard)
        _ = family.add(TrialTests.trial())
        #expect(family.results.isEmpty)
        try family.withTrial(0) { try TrialTests.extend(&$0, to: 12, TrialTests.sides(b: 200)) }
        #expect(family.results.map(\.verdict) == [.inconclusive])
        #expect(family.results[0].lookCount == 0)
    }

    @Test func `a count that has grown is a regression whatever the times`() throws {
        var family = TrialFamily(.standard)
        for _ in 0..<2 { _ = family.add(TrialTests.trial()) }
        family.note([CountChange(name: "fsyncs", before: 2, now: 3)], at: 0)
        family.note([CountChange(name: "fsyncs", before: 3, now: 2)], at: 1)
        for index in 0..<2 {
            try family.withTrial(index) { try TrialTests.extend(&$0, to: 12, TrialTests.sides()) }
        }
        family.look(0)
        #expect(family.results.map(\.verdict) == [.noRegression, .noRegression])
        #expect(family.results.map(\.overallVerdict) == [.regression, .noRegression])
    }

    // MARK: - Simulated trials

    /// How many of 1,000 trials with 5 % of noise a run come to each verdict.
    private func verdicts(factor: Double) throws -> [Verdict: Int] {
        var counts: [Verdict: Int] = [:]
        for seed in 1...1000 as ClosedRange<UInt64> {
            let results = try Self.results([factor], noise: 0.05, seed: seed)
            for result in results { counts[result.verdict, default: 0] += 1 }
        }
        return counts
    }

    @Test func `of 1,000 trials of A against A hardly any cries regression`() throws {
        let counts = try verdicts(factor: 1)
        #expect(counts[.regression, default: 0] <= 2)
        #expect(counts[.noRegression, default: 0] >= 950)
    }

    @Test func `of 1,000 delays of a tenth nine in ten are found, and none is passed`() throws {
        let counts = try verdicts(factor: 1.1)
        #expect(counts[.regression, default: 0] >= 900)
        #expect(counts[.noRegression, default: 0] <= 50)
    }
}

@Suite struct GateFindingTests {
    static func result(
        _ factors: [Double], counts: [String: CountRange]? = nil, operationCount: Int = 1
    ) throws -> CellResult {
        var index = 0
        let a = Side(name: "a") { _ in
            index += 1
            return simulatedRun(milliseconds: 100 / factors[(index - 1) / 2])
        }
        let b = Side(name: "b") { _ in simulatedRun(milliseconds: 100) }
        let comparison = try Comparison(blockCount: factors.count, warmUpRunCount: 0).run(
            a, against: b, seed: 1, processorTime: { nil })
        let cell = try Cell(
            SimulatedWorkload(), against: .ceiling, SimulatedWorkload(),
            loop: .closed(ClosedLoop(length: .operations(1))))
        return CellResult(
            cell: cell, comparison: comparison,
            counts: counts.map { CountResult(operationCount: operationCount, counts: $0) })
    }

    static let baseline = [0.80, 0.82, 0.84, 0.86, 0.88, 0.90]
    static let two = ["fsyncs": CountRange(least: 2, most: 2)]
    static let three = ["fsyncs": CountRange(least: 3, most: 3)]

    @Test func `within the baseline's own spread is no regression`() throws {
        let finding = GateFinding(
            try Self.result([0.81, 0.81, 0.82, 0.81, 0.83, 0.81]),
            against: try Self.result(Self.baseline))
        #expect(abs(finding.limit - 0.8) < 1e-6)
        #expect(finding.verdict == .noRegression)
    }

    @Test func `below it is a regression, across its end inconclusive`() throws {
        let baseline = try Self.result(Self.baseline)
        let below = try Self.result([0.7, 0.71, 0.72, 0.73, 0.74, 0.75])
        #expect(GateFinding(below, against: baseline).verdict == .regression)
        let across = try Self.result([0.7, 0.75, 0.79, 0.81, 0.85, 0.9])
        #expect(GateFinding(across, against: baseline).verdict == .inconclusive)
    }

    @Test func `a count gates exactly`() throws {
        let (same, factors) = ([Double](repeating: 1, count: 6), Self.baseline)
        let more = GateFinding(
            try Self.result(same, counts: Self.three),
            against: try Self.result(factors, counts: Self.two))
        #expect(more.verdict == .regression)
        #expect(more.countChanges == [CountChange(name: "fsyncs", before: 2, now: 3)])
        let fewer = GateFinding(
            try Self.result(same, counts: Self.two),
            against: try Self.result(factors, counts: Self.three))
        #expect(fewer.verdict == .noRegression)
        #expect(fewer.countChanges.count == 1)
    }

    @Test func `counts of other numbers of operations can't be compared`() throws {
        let same = [Double](repeating: 1, count: 6)
        let baseline = try Self.result(Self.baseline, counts: Self.two)
        let other = try Self.result(same, counts: Self.two, operationCount: 2)
        #expect(GateFinding(other, against: baseline).verdict == .inconclusive)
        #expect(GateFinding(try Self.result(same), against: baseline).verdict == .inconclusive)
    }
}
