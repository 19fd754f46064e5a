import SluiceNative
import TestSupport
import Testing

@Suite struct ReleaseCheckerTests {
    @Test(
        arguments: [
            ([9], 0), ([10], 1), ([15], 1), ([20], 1), ([21], 0), ([29, 30, 35, 40, 41], 3),
            ([1, 12, 13, 25, 33, 99], 3), ([], 0),
        ] as [([Int], Int)])
    func `releases in a time without access are counted`(stamps: [Int], count: Int) {
        var checker = ReleaseChecker()
        checker.revoke(10...20)
        checker.revoke(30...40)
        checker.add(stamps)
        #expect(checker.violationCount == count)
        #expect(checker.releaseCount == stamps.count)
    }

    @Test func `the logs' violations add up`() {
        var checker = ReleaseChecker()
        checker.revoke(10...20)
        checker.add([5, 15])
        checker.add([16, 25])
        #expect(checker.violationCount == 2)
        #expect(checker.releaseCount == 4)
    }

    @Test func `a log gives back what was appended, up to its capacity`() throws {
        let directory = try BarrierDirectory()
        let path = "\(directory.path)/log"
        let log = try ReleaseLog(path: path, capacity: 3)
        #expect(try ReleaseLog.stamps(path: path).isEmpty)
        for stamp in [6, 5] { #expect(log.append(stamp)) }
        #expect(try ReleaseLog.stamps(path: path) == [5, 6])
        #expect(log.append(7))
        #expect(!log.hasOverflowed)
        #expect(!log.append(8))
        #expect(log.hasOverflowed)
        #expect(try ReleaseLog.stamps(path: path) == [5, 6, 7])
    }
}
