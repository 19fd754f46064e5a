import Testing

@testable import BenchKit

@Suite struct CellTests {
    static let loop = ClosedLoop(length: .operations(20))
    static let openLoop = OpenLoop(
        operationsPerSecond: 2000, callers: 2, durationNanoseconds: 5_000_000)

    @Test func `a cell is set up, measured on both sides and torn down`() throws {
        let workload = SimulatedWorkload("work")
        let reference = SimulatedWorkload("kernel")
        let cell = try Cell(
            workload, against: .ceiling, reference, bound: .atLeast(ratio: 1e-9), loop: Self.loop,
            openLoops: [Self.openLoop])
        let result = try cell.measure(Comparison(blockCount: 6, stolenFractionLimit: 1), seed: 1)
        for side in [workload, reference] {
            // A warm-up, two runs in each of 6 blocks, and two in the open loop.
            let runs = [String](repeating: "prepareRun", count: 1 + 12 + 2)
            #expect(side.calls == ["setUp"] + runs + ["tearDown"])
        }
        #expect(result.name == "work")
        #expect(result.referenceName == "kernel")
        #expect(result.boundCheck == .within)
        #expect(result.comparison.a.latency?.count == 12 * 20)
        #expect(result.openLoops.count == 1)
        #expect(result.openLoops[0].workload.scheduledCount > 0)
    }

    @Test func `an ended comparison leaves the open loops out`() throws {
        let workload = SimulatedWorkload()
        let cell = try Cell(
            workload, against: .peer, workload, loop: Self.loop, openLoops: [Self.openLoop])
        let result = try cell.measure(Comparison(stolenFractionLimit: 1), seed: 1) { _ in false }
        #expect(result.comparison.blocks.count == 1)
        #expect(result.openLoops.isEmpty)
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
