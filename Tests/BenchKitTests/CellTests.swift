import Synchronization
import Testing

@testable import BenchKit

@Suite struct CellTests {
    static let loop = Loop.closed(ClosedLoop(length: .operations(20)))
    static let openLoop = Loop.open(
        OpenLoop(operationsPerSecond: 2000, callers: 2, durationNanoseconds: 5_000_000))
    static let comparison = Comparison(blockCount: 6, stolenFractionLimit: 1)

    @Test func `a cell is set up, measured on both sides and torn down`() throws {
        let workload = SimulatedWorkload("work")
        let reference = SimulatedWorkload("kernel")
        let cell = try Cell(
            workload, against: .ceiling, reference, bound: .atLeast(ratio: 1e-9), loop: Self.loop)
        let result = try cell.measure(Self.comparison, seed: 1)
        for side in [workload, reference] {
            // A warm-up, and two runs in each of 6 blocks.
            let runs = (0..<1 + 12).flatMap { _ in ["prepareRun", "finishRun"] }
            #expect(side.calls == ["setUp"] + runs + ["tearDown"])
        }
        #expect(result.name == "work")
        #expect(result.referenceName == "kernel")
        #expect(result.boundCheck == .within)
        #expect(result.comparison.a.latency?.count == 12 * 20)
        #expect(result.counts == nil)
    }

    @Test func `an open loop is compared by its latencies`() throws {
        let cell = try Cell(
            SimulatedWorkload(), against: .ceiling, SimulatedWorkload(), figure: .tailLatency,
            loop: Self.openLoop)
        let result = try cell.measure(Self.comparison, seed: 1)
        #expect(result.arrivalsPerSecond == 2000)
        let latency = try #require(result.comparison.a.latency)
        #expect(latency.count > 0)
        #expect(result.comparison.a.wakeLateness != nil)
        #expect(latency.curve.map(\.nanoseconds) == latency.curve.map(\.nanoseconds).sorted())
        #expect(latency.curve.last?.nanoseconds == latency.maxNanoseconds)
    }

    @Test func `an absolute bound is on the value itself`() throws {
        func check(_ limit: Double) throws -> BoundCheck? {
            let workload = SimulatedWorkload(unit: .bytes) { _ in 1000 }
            let reference = SimulatedWorkload(unit: .bytes) { _ in 10 }
            let cell = try Cell(
                workload, against: .floor, reference, figure: .peakMemory,
                bound: .atMost(value: limit), loop: .closed(ClosedLoop(length: .operations(1))),
                blockCount: 1)
            return try cell.measure(Comparison(blockCount: 1, stolenFractionLimit: 1), seed: 1)
                .boundCheck
        }
        #expect(try check(1000) == .within)
        #expect(try check(999) == .notWithin)
    }

    @Test func `counts are exact when the passes agree`() throws {
        let total = Atomic(0)
        let wobbling = Atomic(0)
        let workload = SimulatedWorkload { _ in
            total.add(3, ordering: .relaxed)
            wobbling.add(total.load(ordering: .relaxed), ordering: .relaxed)
            return 1
        }
        let counting = Counting(operationCount: 5) {
            [
                "calls": total.load(ordering: .relaxed),
                "wobbles": wobbling.load(ordering: .relaxed),
            ]
        }
        let cell = try Cell(
            workload, against: .peer, SimulatedWorkload(), loop: Self.loop, counting: counting)
        let counts = try #require(try cell.measure(Self.comparison, seed: 1).counts)
        #expect(counts.operationCount == 5)
        #expect(counts.counts["calls"]?.exact == 15)
        #expect(counts.counts["wobbles"]?.exact == nil)
    }

    @Test func `a count that is exact on both sides and differs is a change`() {
        func result(_ least: Int, _ most: Int, operations: Int = 1) -> CountResult {
            CountResult(
                operationCount: operations, counts: ["syncs": CountRange(least: least, most: most)])
        }
        let more = result(3, 3).changes(from: result(2, 2))
        #expect(more == [CountChange(name: "syncs", before: 2, now: 3)])
        #expect(more[0].isMore)
        #expect(!result(1, 1).changes(from: result(2, 2))[0].isMore)
        #expect(result(2, 2).changes(from: result(2, 2)).isEmpty)
        #expect(result(2, 3).changes(from: result(1, 1)).isEmpty)
        #expect(result(3, 3).changes(from: result(1, 2)).isEmpty)
        #expect(result(3, 3, operations: 2).changes(from: result(2, 2)).isEmpty)
    }

    @Test func `both sides are torn down when the reference can't be set up`() throws {
        let workload = SimulatedWorkload("work")
        let reference = SimulatedWorkload("kernel", failsToSetUp: true)
        let cell = try Cell(workload, against: .ceiling, reference, loop: Self.loop)
        #expect(throws: SimulatedWorkload.Failure.self) {
            try cell.measure(Comparison(), seed: 1)
        }
        #expect(workload.calls == ["setUp", "tearDown"])
        #expect(reference.calls == ["setUp", "tearDown"])
    }

    @Test func `sides that count different things don't make a cell`() {
        #expect(throws: MeasurementError.unitsDiffer(workload: "a", reference: "b")) {
            try Cell(
                SimulatedWorkload("a", unit: .bytes), against: .peer, SimulatedWorkload("b"),
                loop: Self.loop)
        }
    }
}
