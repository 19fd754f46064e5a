internal import TestSupport
internal import Testing
internal import TortureKit

/// Every torture at the size that the suite has time for; one after the other, for each takes the machine.
@Suite(.serialized)
struct TortureTests {
    @Test(arguments: allTortures.map { $0.name })
    func `nothing is lost and nothing leaks`(name: String) throws {
        let torture = try #require(allTortures.first { $0.name == name })
        let directory = try TemporaryDirectory()
        let plan = TorturePlan(count: torture.counts.suite, directoryPath: directory.path)
        let report = try torture.run(plan)
        if report.skipReason != nil {
            print("torture: \(name): \(report.summary)")
            return
        }
        let done = try #require(report.counts.first)
        #expect(done.count >= plan.count, "\(report.summary)")
        #expect(report.failureCount == 0, "\(report.failures.joined(separator: "\n"))")
        print("torture: \(name): \(report.summary), \(report.failureCount) failures")
    }
}
