internal import TestSupport
internal import Testing
internal import TortureKit

/// Every torture at the size that the suite has time for, one to a processor.
@Suite struct TortureTests {
    @Test(arguments: allTortures.map { $0.name })
    func `nothing is lost and nothing leaks`(name: String) throws {
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
