import SluiceNative
import Testing

@Suite struct FileAttributesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: [(0, 0), (-1, 999_999_999), (1_000_000_000, 123_456_789)])
    func `a time comes back from a file, a directory and a link itself`(
        seconds: Int, nanoseconds: Int
    ) throws {
        let time = FileStatus.Time(seconds: seconds, nanoseconds: nanoseconds)
        let file = try scratch.makeFile("file")
        try file.setModified(time)
        #expect(try file.status().modified == time)
        try scratch.shell("mkdir directory; ln -s file link; touch file")
        let directory = try scratch.directory.openDirectory("directory")
        try directory.setModified(time)
        #expect(try directory.status().modified == time)
        try scratch.directory.setModified("link", time)
        #expect(try scratch.directory.status("link").modified == time)
        #expect(try file.status().modified != time)
    }

    @Test func `a mode has twelve bits`() throws {
        let file = try scratch.makeFile("file")
        for mode in [0o4755, 0o2711, 0o1000, 0, 0o777] as [UInt32] {
            try file.setMode(mode)
            #expect(try file.status().mode == mode)
        }
    }

    @Test(arguments: ["nowhere", "../a b/\u{E9}", "/"])
    func `a symbolic link says what it was made with, and replaces nothing`(text: String) throws {
        let target = Array(text.utf8)
        try scratch.directory.makeSymbolicLink("link", to: target)
        #expect(try scratch.directory.symbolicLinkTarget("link") == target)
        let error = #expect(throws: SystemError.self) {
            try scratch.directory.makeSymbolicLink("link", to: target)
        }
        #expect(error?.isExists == true)
        for bad in [[], [0x61, 0]] as [[UInt8]] {
            #expect(throws: SystemError.self) {
                try scratch.directory.makeSymbolicLink("other", to: bad)
            }
        }
    }

    @Test func `a note comes back whole, or not at all`() throws {
        let file = try scratch.makeFile("file")
        #expect(file.note("sluice.test", limit: 16) == nil)
        // Where the file system keeps none, it says so.
        guard try file.setNote("sluice.test", [1, 2, 3]) else { return }
        #expect(file.note("sluice.test", limit: 16) == [1, 2, 3])
        #expect(file.note("sluice.test", limit: 2) == nil)
        #expect(try file.setNote("sluice.test", [4]))
        #expect(file.note("sluice.test", limit: 16) == [4])
    }

    @Test(arguments: [1, 2, 63, 64, 65, 65_536])
    func `one byte that isn't zero is found wherever it is`(count: Int) {
        func isAllZero(_ bytes: [UInt8]) -> Bool { bytes.span.isAllZero }
        var bytes = [UInt8](repeating: 0, count: count)
        #expect(isAllZero(bytes))
        for index in Set([0, count / 2, count - 1]) {
            bytes[index] = 1
            #expect(!isAllZero(bytes))
            bytes[index] = 0
        }
        #expect(isAllZero([]))
        // All the same is not all zero.
        #expect(!isAllZero([UInt8](repeating: 7, count: count)))
    }
}
