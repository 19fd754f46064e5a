import Testing

@testable import BenchKit

@Suite struct ComparisonTests {
    @Test func `blocks are A B B A or B A A B, both of them, as the seed has it`() throws {
        func orders(seed: UInt64) throws -> [String] {
            let side = Side(name: "same") { _ in simulatedRun(milliseconds: 1) }
            let result = try Comparison(blockCount: 40).run(
                side, against: side, seed: seed, processorTime: { nil })
            return result.blocks.map { $0.timings.map(\.role.rawValue).joined() }
        }
        let first = try orders(seed: 1)
        #expect(Set(first) == ["ABBA", "BAAB"])
        #expect(try orders(seed: 1) == first)
        #expect(try orders(seed: 2) != first)
    }

    @Test func `a drift that is linear in time leaves the ratio alone`() throws {
        var logRate = 0.0
        func run(_ factor: Double) -> Run {
            logRate += 0.01
            return simulatedRun(milliseconds: 100 * factor / pow(logRate))
        }
        /// e^x for small x, near enough to a drift.
        func pow(_ x: Double) -> Double { 1 + x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24 }
        let result = try Comparison(blockCount: 6, warmUpRunCount: 0).run(
            Side(name: "a") { _ in run(1) }, against: Side(name: "b") { _ in run(2) }, seed: 3,
            processorTime: { nil })
        #expect(abs(result.ratio.estimate - 2) < 0.001)
        #expect(abs((result.ratio.upper ?? 0) - 2) < 0.001)
    }

    @Test func `both sides are warmed up and meet the same seeds`() throws {
        var seeds: (a: [UInt64], b: [UInt64]) = ([], [])
        let a = Side(name: "a") {
            seeds.a.append($0)
            return simulatedRun(milliseconds: 1)
        }
        let b = Side(name: "b") {
            seeds.b.append($0)
            return simulatedRun(milliseconds: 1)
        }
        _ = try Comparison(blockCount: 6, warmUpRunCount: 3).run(
            a, against: b, seed: 4, processorTime: { nil })
        #expect(seeds.a == seeds.b)
        #expect(seeds.a.count == 3 + 2 * 6)
        #expect(Set(seeds.a).count == seeds.a.count)
    }

    @Test func `a block during which processor time was stolen is dropped and repeated`() throws {
        // Readings come in pairs around a block; the second block loses 3 of 100 ticks, the third 2.
        let stolenTicks: [UInt64] = [0, 3, 2]
        var reading = 0
        var time = ProcessorTime(total: 0, stolen: 0)
        var latency = LatencyRecorder()
        latency.record(nanoseconds: 1)
        let run = Run(work: 1, elapsedNanoseconds: 1, latency: latency)
        let side = Side(name: "same") { _ in run }
        let result = try Comparison(blockCount: 6).run(
            side, against: side, seed: 5,
            processorTime: {
                if reading % 2 == 1 {
                    let stolen = reading / 2 < stolenTicks.count ? stolenTicks[reading / 2] : 0
                    time = ProcessorTime(total: time.total + 100, stolen: time.stolen + stolen)
                }
                reading += 1
                return time
            })
        #expect(result.blocks.map(\.isDropped) == [false, true, false, false, false, false, false])
        #expect(result.blocks[1].stolenFraction == 0.03)
        #expect(result.ratio.blockCount == 6)
        #expect(result.a.latency?.count == 12)
    }

    @Test func `a machine that is always robbed is given up`() {
        var time = ProcessorTime(total: 0, stolen: 0)
        var runCount = 0
        let side = Side(name: "same") { _ in
            runCount += 1
            return simulatedRun(milliseconds: 1)
        }
        #expect(throws: MeasurementError.noUsableBlock(workload: "same")) {
            try Comparison(blockCount: 3, warmUpRunCount: 0).run(
                side, against: side, seed: 6,
                processorTime: {
                    time = ProcessorTime(total: time.total + 10, stolen: time.stolen + 5)
                    return time
                })
        }
        #expect(runCount == 2 * 3 * 4)
    }

    @Test func `an ended comparison keeps what it has`() throws {
        let side = Side(name: "same") { _ in simulatedRun(milliseconds: 1) }
        var heard: [Int] = []
        let result = try Comparison(blockCount: 12).run(
            side, against: side, seed: 7, processorTime: { nil },
            onBlock: {
                heard.append($0)
                return $0 < 2
            })
        #expect(heard == [1, 2])
        #expect(result.blocks.count == 2)
        #expect(result.ratio.lower == nil)
    }

    @Test func `a side that does nothing is an error, not a rate of zero`() {
        let idle = Side(name: "idle") { _ in simulatedRun(milliseconds: 1, work: 0) }
        let busy = Side(name: "busy") { _ in simulatedRun(milliseconds: 1) }
        #expect(throws: MeasurementError.nothingMeasured(workload: "idle")) {
            try Comparison().run(busy, against: idle, seed: 8, processorTime: { nil })
        }
    }

    // MARK: - Simulated trials

    /// The share of 1,000 comparisons, with 5 % of noise a run, whose interval excludes a ratio of 1.
    private func shareExcludingOne(delay: Double) throws -> Double {
        var random = Xoshiro256(seed: 9)
        func side(_ name: String, _ factor: Double) -> Side {
            Side(name: name) { _ in
                simulatedRun(milliseconds: 100 * factor * (1 + 0.05 * noise(&random)))
            }
        }
        var excludedCount = 0
        for trial in 0..<1000 {
            let ratio = try Comparison(warmUpRunCount: 0).run(
                side("a", 1 + delay), against: side("b", 1), seed: UInt64(trial),
                processorTime: { nil }
            ).ratio
            let lower = try #require(ratio.lower)
            let upper = try #require(ratio.upper)
            if !(lower...upper).contains(1) { excludedCount += 1 }
        }
        return Double(excludedCount) / 1000
    }

    @Test func `A against A is told apart in about one trial of twenty`() throws {
        // The exact level for 12 blocks is 4.2 %; three standard deviations are 1.9 %.
        #expect((0.023...0.061).contains(try shareExcludingOne(delay: 0)))
    }

    @Test func `a delay of a tenth is found nearly always`() throws {
        #expect(try shareExcludingOne(delay: 0.1) > 0.98)
    }
}
