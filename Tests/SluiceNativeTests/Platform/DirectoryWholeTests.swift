import SluiceNative
import TestSupport
import Testing

@Suite struct DirectoryWholeTests {
    let temporary: TemporaryDirectory
    let directory: Directory

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try Directory.open(temporary.path)
    }

    private let old: [UInt8] = [1, 2, 3, 4]
    private let new: [UInt8] = [9, 8]

    private func bytes(_ file: File) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 7, count: 16)
        var span = bytes.mutableSpan
        let count = try file.read(into: &span, at: 0)
        return Array(bytes.prefix(count))
    }

    @Test func `a file is made whole, and none is replaced`() throws {
        #expect(try directory.createWhole("f", old.span))
        #expect(try !directory.createWhole("f", new.span))
        #expect(try temporary.read("f") == old)
        #expect(try directory.status("f").mode == 0o600)
        #expect(try directory.names().count == 1)
    }

    @Test func `a file takes another's place, whose contents go`() throws {
        try directory.replaceWhole("f", old.span)
        let former = try directory.openFile("f")
        // What a kill has left.
        try directory.createExclusively(Directory.stagedName("f")).write(old.span)
        try directory.replaceWhole("f", new.span)
        #expect(try temporary.read("f") == new)
        #expect(try bytes(former) == [0, 0, 0, 0])
        #expect(try directory.status("f").mode == 0o600)
        #expect(try directory.names().count == 1)
    }

    @Test func `what is erased is overwritten, unless it has another name`() throws {
        try directory.replaceWhole("f", old.span)
        let former = try directory.openFile("f")
        try directory.erase("f")
        #expect(try bytes(former) == [0, 0, 0, 0])
        #expect(!temporary.exists("f"))
        try directory.erase("f")

        try directory.replaceWhole("g", old.span)
        try directory.link("g", to: "h")
        try directory.replaceWhole("g", new.span)
        #expect(try temporary.read("h") == old)
        try directory.erase("h")
        #expect(try temporary.read("g") == new)
    }
}
