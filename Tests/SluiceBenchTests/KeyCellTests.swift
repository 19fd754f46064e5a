import BenchKit
import Foundation
import Testing

@testable import SluiceBench

/// Runs the workloads of rotation, rewrapping and revocation, a few operations each.
@Suite struct KeyCellTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "cells-\(UUID().uuidString)").path

    private var conditions: Conditions {
        Conditions(
            profile: .smoke, seed: 1, corpus: CorpusCache(Corpus(entries: []), directory: ""),
            directory: directory, scratch: directory, sluice: Subprocess(path: ""),
            interruption: Interruption())
    }

    /// What two runs of a workload measured, each of so many operations; nothing of it stays.
    private func runs(_ workload: any Workload, _ operationCount: Int) throws -> [Run] {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let loop = Loop.closed(ClosedLoop(length: .operations(operationCount)))
        let subject = Subject(workload, loop)
        let runs = try subject.withSetUp { try [1, 2].map { try subject.run(seed: $0) } }
        let left = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        #expect(left == [])
        return runs
    }

    @Test(arguments: [Revocation.Part.barrier, .commit])
    func `each revocation gives one duration`(part: Revocation.Part) throws {
        let runs = try runs(Revocation(part, conditions), 2)
        #expect(runs.map(\.work) == [2, 2])
        #expect(runs.map(\.latency?.summary?.count) == [2, 2])
    }

    @Test func `a revocation's COMMIT is no part of its wait`() throws {
        let run = try runs(Revocation(.barrier, conditions), 1)[0]
        // The whole operation also commits twice, and has each reader read again.
        let wait = try #require(run.latency?.summary?.maxNanoseconds)
        #expect(wait < run.elapsedNanoseconds)
    }

    @Test func `the work of a crossing is how often the barrier was entered`() throws {
        let runs = try runs(BarrierCrossing(conditions), 3)
        #expect(runs.map(\.work) == [30_000, 30_000])
    }

    @Test(arguments: [(SinkGet.Part.chunks, 64), (.releases, 10_000)])
    func `the work of a get to a sink is how often it releases`(
        part: SinkGet.Part, count: Int
    ) throws {
        #expect(try runs(SinkGet(part, conditions), 2).map(\.work) == [2 * count, 2 * count])
    }

    @Test func `a sweep rewraps every key in every run`() throws {
        let count = Profile.smoke.sweptObjectCount
        #expect(try runs(Sweep(conditions), 1).map(\.work) == [count, count])
    }

    @Test(arguments: [true, false])
    func `gets go on beside a sweep, which ends with the run`(sweeping isSwept: Bool) throws {
        let runs = try runs(GetDuringSweep(sweeping: isSwept, conditions), 50)
        #expect(runs.map(\.work) == [50, 50])
    }

    @Test(arguments: [true, false])
    func `only the get after a rotation counts`(afterRotation isRotated: Bool) throws {
        let runs = try runs(FirstGet(afterRotation: isRotated, conditions), 1)
        #expect(runs.map(\.latency?.summary?.count) == [1, 1])
        for run in runs {
            #expect(try #require(run.latency?.summary).maxNanoseconds < run.elapsedNanoseconds)
        }
    }

    @Test func `what is read is rewrapped when the run ends, or not at all`() throws {
        for workload in [
            RewrappingGet(onRead: true, count: 16, conditions),
            RewrappingGet(onRead: false, count: 16, conditions),
        ] {
            #expect(try runs(workload, 16).map(\.latency?.summary?.count) == [16, 16])
        }
    }
}
