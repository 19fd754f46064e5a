import SluiceNative
import Testing

@Suite struct FileStorageTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: [1, 4095, 4096, 4097, 1 << 20])
    func `preallocate reserves the space it gives`(byteCount: Int) throws {
        let file = try scratch.makeFile("file")
        guard try file.preallocate(byteCount: byteCount) else { return }
        let status = try file.status()
        #expect(status.byteCount == byteCount)
        #expect(status.allocatedByteCount >= byteCount)
        #expect(try file.contents() == [UInt8](repeating: 0, count: byteCount))
    }

    @Test func `preallocate keeps what is there`() throws {
        let file = try scratch.makeFile("file", [1, 2, 3])
        #expect(try file.preallocate(byteCount: 0))
        try file.preallocate(byteCount: 2)
        #expect(try file.contents() == [1, 2, 3])
    }

    @Test func `preallocate refuses more than the disk has`() throws {
        let file = try scratch.makeFile("file")
        let byteCount = try FileSystem.kind(scratch.path).totalByteCount * 2
        guard byteCount > 0 else { return }
        let error = #expect(throws: SystemError.self) { try file.preallocate(byteCount: byteCount) }
        #expect(error?.isNoSpace == true)
    }

    @Test func `truncate cuts and extends`() throws {
        let file = try scratch.makeFile("file", [1, 2, 3])
        try file.truncate(to: 2)
        #expect(try file.contents() == [1, 2])
        try file.truncate(to: 4)
        #expect(try file.contents() == [1, 2, 0, 0])
        try file.truncate(to: 0)
        #expect(try file.contents().isEmpty)
    }

    @Test func `writeback and sync work on files and directories`() throws {
        let file = try scratch.makeFile("file", pattern(10_000))
        try file.startWriteback(offset: 0, byteCount: 8192)
        try file.sync()
        try scratch.directory.sync()
        #expect(try file.contents() == pattern(10_000))
    }

    @Test func `sync of what can't be made durable is an error`() throws {
        let error = #expect(throws: SystemError.self) { try File.open("/dev/null").sync() }
        #expect(error?.isInvalid == true)
    }

    @Test(arguments: [0, 1, 99_999, 100_000, 100_001])
    func `copyContents copies up to the end`(byteCount: Int) throws {
        let contents = pattern(100_000)
        let source = try scratch.makeFile("source", contents)
        let copy = try scratch.makeFile("copy")
        let expected = Array(contents.prefix(byteCount))
        #expect(try copy.copyContents(of: source, byteCount: byteCount) == expected.count)
        #expect(try copy.contents() == expected)
    }

    @Test func `copyContents copies what the kernel can't`() throws {
        // A device takes no part in copy_file_range.
        let copy = try scratch.makeFile("copy", pattern(3_000_000))
        let byteCount = 1 << 21
        #expect(
            try copy.copyContents(of: File.open("/dev/zero"), byteCount: byteCount) == byteCount)
        #expect(try copy.contents() == [UInt8](repeating: 0, count: byteCount))
        #expect(try copy.status().byteCount == 3_000_000)
    }
}
