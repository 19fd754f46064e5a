internal import Foundation
import SluiceNative
import Testing

@Suite struct SystemErrorTests {
    @Test func `describes call, path and reason`() {
        let error = SystemError(call: "openat", path: "/some/where", number: ENOENT)
        #expect(!error.reason.isEmpty)
        #expect(error.description == "openat /some/where: \(error.reason)")
    }

    @Test func `gives different reasons for different numbers`() {
        let reasons = [ENOENT, EEXIST, ENOSPC, 9999].map {
            SystemError(call: "x", path: nil, number: $0).reason
        }
        #expect(Set(reasons).count == 4)
    }

    @Test(arguments: [ENOSPC, EDQUOT, EFBIG])
    func `takes a full disk, quota or file for no space`(number: Int32) {
        #expect(SystemError(call: "write", path: nil, number: number).isNoSpace)
    }

    @Test func `tells an I/O error from no space`() {
        #expect(!SystemError(call: "write", path: nil, number: EIO).isNoSpace)
    }
}
