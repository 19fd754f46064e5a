internal import TestSupport
internal import Testing
internal import TortureKit

/// Every torture at the size that the suite has time for, two at a time: most keep a processor busy.
@Suite struct TortureTests {
    @Suite(.serialized) struct EvenOnes {
        @Test(arguments: names(0)) func `nothing is lost and nothing leaks`(name: String) throws {
            try TortureTests.run(name)
        }
    }

    @Suite(.serialized) struct OddOnes {
        @Test(arguments: names(1)) func `nothing is lost and nothing leaks`(name: String) throws {
            try TortureTests.run(name)
        }
    }

    /// Those of one lane.
    private static func names(_ lane: Int) -> [String] {
        allTortures.indices.filter { $0 % 2 == lane }.map { allTortures[$0].name }
    }

    private static func run(_ name: String) throws {
        let torture = try #require(allTortures.first { $0.name == name })
        let directory = try TemporaryDirectory()
        let plan = TorturePlan(count: torture.counts.suite, directoryPath: directory.path)
        let began = ContinuousClock.now
        let report = try torture.run(plan)
        let seconds = began.duration(to: .now).components.seconds
        if let reason = report.skipReason { try Test.cancel("\(name): \(reason)") }
        let done = try #require(report.counts.first)
        #expect(done.count >= plan.count, "\(report.summary)")
        #expect(report.failureCount == 0, "\(report.failures.joined(separator: "\n"))")
        print("torture: \(name): \(report.summary), \(report.failureCount) failures, \(seconds) s")
    }
}
