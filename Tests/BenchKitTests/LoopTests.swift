import Dispatch
import Synchronization
import Testing

@testable import BenchKit

@Suite struct ClosedLoopTests {
    @Test(arguments: [1, 2, 64, 200]) func `all callers are under way at once`(callers: Int) throws
    {
        let arrived = Atomic(0)
        let workload = SimulatedWorkload { caller in
            arrived.add(1, ordering: .relaxed)
            // Nobody gets on before the last one has come.
            while arrived.load(ordering: .relaxed) < caller.count {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(1))
            }
            return 3
        }
        let run = try ClosedLoop(callers: callers, length: .operations(1)).run(workload, seed: 1)
        #expect(run.work == 3 * callers)
        #expect(run.latency?.summary?.count == callers)
    }

    @Test func `each caller does as many operations as were asked for`() throws {
        let counts = Mutex([Int](repeating: 0, count: 3))
        let workload = SimulatedWorkload { caller in
            counts.withLock { $0[caller.index] += 1 }
            return 1
        }
        _ = try ClosedLoop(callers: 3, length: .operations(7)).run(workload, seed: 1)
        #expect(counts.withLock { $0 } == [7, 7, 7])
        #expect(workload.calls == ["prepareRun", "finishRun"])
    }

    @Test func `callers who do so many operations in all call until the end`() throws {
        let counts = Mutex([Int](repeating: 0, count: 2))
        let workload = SimulatedWorkload { caller in
            if caller.index == 0 {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
            }
            counts.withLock { $0[caller.index] += 1 }
            return 1
        }
        let run = try ClosedLoop(callers: 2, length: .operationsInAll(500))
            .run(workload, seed: 1)
        #expect(run.work == 500)
        #expect(counts.withLock { $0.reduce(0, +) == 500 && $0[0] < 250 })
    }

    @Test func `durations of the workload's own count in the place of the operations'`() throws {
        var own = LatencyRecorder()
        own.record(nanoseconds: 1_000_000_007)
        let workload = SimulatedWorkload(ownLatency: own)
        let run = try ClosedLoop(length: .operations(5)).run(workload, seed: 1)
        #expect(run.work == 5)
        #expect(run.latency?.summary == own.summary)
    }

    @Test func `a run that failed is finished too`() {
        let workload = SimulatedWorkload { _ in throw SimulatedWorkload.Failure() }
        #expect(throws: SimulatedWorkload.Failure.self) {
            try ClosedLoop(length: .operations(1)).run(workload, seed: 1)
        }
        #expect(workload.calls == ["prepareRun", "finishRun"])
    }

    @Test func `time ends a run after the operation in flight`() throws {
        let workload = SimulatedWorkload { _ in
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(5))
            return 1
        }
        let run = try ClosedLoop(length: .nanoseconds(12_000_000)).run(workload, seed: 1)
        #expect((1...3).contains(run.work))
        #expect(run.elapsedNanoseconds >= 12_000_000)
        #expect(try #require(run.latency?.summary).p50Nanoseconds >= 5_000_000)
    }

    @Test func `the error of one caller ends the run of all`() {
        let workload = SimulatedWorkload { caller in
            if caller.index == 1 { throw SimulatedWorkload.Failure() }
            return 1
        }
        let loop = ClosedLoop(callers: 4, length: .nanoseconds(20_000_000_000))
        let start = ContinuousClock.now
        #expect(throws: SimulatedWorkload.Failure.self) { try loop.run(workload, seed: 1) }
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test func `a run without work is an error`() {
        let workload = SimulatedWorkload { _ in 0 }
        #expect(throws: MeasurementError.nothingMeasured(workload: "simulated")) {
            try ClosedLoop(length: .operations(5)).run(workload, seed: 1)
        }
    }

    @Test func `callers have random sequences of their own that the seed repeats`() {
        func first(_ index: Int, _ seed: UInt64) -> UInt64 {
            var random = Caller(index: index, count: 2, runSeed: seed).random()
            return random.next()
        }
        #expect(first(0, 1) == first(0, 1))
        #expect(Set([first(0, 1), first(1, 1), first(0, 2), first(1, 2)]).count == 4)
    }
}

@Suite struct OpenLoopTests {
    @Test func `arrivals are a Poisson process of the rate`() {
        let loop = OpenLoop(
            operationsPerSecond: 1000, callers: 1, durationNanoseconds: 100_000_000_000)
        let arrivals = loop.arrivalNanoseconds(seed: 1)
        // 100,000 expected, with a standard deviation of 316.
        #expect((99_000...101_000).contains(arrivals.count))
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals == loop.arrivalNanoseconds(seed: 1))
        // Of exponential gaps with a mean of 1 ms, e^-1 = 36.8 % are longer than that.
        let longCount = zip(arrivals, arrivals.dropFirst()).count { $1 - $0 > 1_000_000 }
        let longShare = Double(longCount) / Double(arrivals.count)
        #expect((0.363...0.373).contains(longShare))
    }

    @Test func `a stall is felt by everyone who was due during it`() throws {
        let stalled = Atomic(false)
        let workload = SimulatedWorkload { _ in
            if !stalled.exchange(true, ordering: .relaxed) {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(500))
            }
            return 1
        }
        let run = try OpenLoop(
            operationsPerSecond: 1000, callers: 1, durationNanoseconds: 1_000_000_000
        ).run(workload, seed: 2)
        let latency = try #require(run.latency.summary)
        #expect(latency.maxNanoseconds >= 500_000_000)
        // About half of the operations were due during the stall; a closed loop would see only one.
        #expect(latency.p90Nanoseconds >= 250_000_000)
    }

    @Test func `a side that can't keep up is given up, and what wasn't begun is told`() throws {
        let workload = SimulatedWorkload { _ in
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
            return 1
        }
        let loop = OpenLoop(
            operationsPerSecond: 2000, callers: 2, durationNanoseconds: 50_000_000)
        let run = try Subject(workload, .open(loop)).run(seed: 3)
        #expect(run.work <= 12)
        #expect(run.unstartedCount > 50)
    }

    @Test func `the first to arrive is served even when its caller starts too late for all`() throws
    {
        // A thread isn't woken within 2 microseconds, after which everything else is given up.
        let loop = OpenLoop(
            operationsPerSecond: 1_000_000_000, callers: 1, durationNanoseconds: 1000)
        for seed in 1...20 {
            let run = try loop.run(SimulatedWorkload(), seed: UInt64(seed))
            #expect(run.scheduledCount > 0)
            #expect(run.latency.summary?.count ?? 0 > 0)
        }
    }

    @Test func `operations wait until they are due`() throws {
        let run = try OpenLoop(
            operationsPerSecond: 100, callers: 4, durationNanoseconds: 1_000_000_000
        ).run(SimulatedWorkload(), seed: 4)
        #expect(run.scheduledCount > 0)
        #expect(run.latency.summary?.count == run.scheduledCount)
        #expect(run.wakeLateness.summary?.count ?? 0 > 0)
    }

    @Test func `an error ends the run`() {
        let workload = SimulatedWorkload { _ in throw SimulatedWorkload.Failure() }
        let loop = OpenLoop(
            operationsPerSecond: 1000, callers: 2, durationNanoseconds: 20_000_000_000)
        #expect(throws: SimulatedWorkload.Failure.self) { try loop.run(workload, seed: 5) }
    }
}

@Suite struct LatencyRecorderTests {
    @Test func `percentiles are exact to three digits and the maximum entirely`() throws {
        var first = LatencyRecorder()
        var second = LatencyRecorder()
        for value in 1...50_000 { first.record(nanoseconds: UInt64(value) * 1000) }
        for value in 50_001...100_001 { second.record(nanoseconds: UInt64(value) * 1000) }
        first.add(second)
        let summary = try #require(first.summary)
        #expect(summary.count == 100_001)
        #expect(summary.maxNanoseconds == 100_001_000)
        let expected: [(UInt64, Double)] = [
            (summary.p50Nanoseconds, 50_001_000), (summary.p90Nanoseconds, 90_001_000),
            (summary.p99Nanoseconds, 99_001_000), (summary.p999Nanoseconds, 99_901_000),
        ]
        for (percentile, value) in expected {
            #expect(abs(Double(percentile) - value) <= value / 1000)
        }
    }

    @Test func `no percentile exceeds the maximum`() throws {
        var recorder = LatencyRecorder()
        recorder.record(nanoseconds: 1_234_567_890)
        let summary = try #require(recorder.summary)
        #expect(summary.p50Nanoseconds == 1_234_567_890)
    }

    @Test func `zero counts and more than an hour counts as an hour`() throws {
        var recorder = LatencyRecorder()
        recorder.record(nanoseconds: 0)
        recorder.record(nanoseconds: .max)
        let summary = try #require(recorder.summary)
        #expect(summary.count == 2)
        #expect(summary.p50Nanoseconds == 0)
        #expect(summary.maxNanoseconds == 3_600_000_000_000)
    }

    @Test func `nothing recorded has no percentiles`() {
        #expect(LatencyRecorder().summary == nil)
    }
}
