import Foundation
import Testing

@testable import SluiceNative

@Suite struct OutputEntryTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func entry(_ name: String) throws -> OutputEntry {
        try #require(try scratch.directory.outputEntry(name))
    }

    private func refusal(_ entry: OutputEntry) -> SystemError? {
        do {
            _ = try entry.open()
            return nil
        } catch {
            return error
        }
    }

    @Test func `files, directories, nothing, and links to them are replaced`() throws {
        try scratch.makeFile("file")
        try scratch.shell("mkdir dir; ln -s file a; ln -s dir b; ln -s nowhere c; ln -s dir/.. d")
        for name in ["file", "dir", "nothing", "a", "b", "c", "d"] {
            #expect(try scratch.directory.outputEntry(name) == nil, "\(name)")
        }
    }

    @Test func `a pipe is found by its name and through links, and opens once somebody reads it`()
        throws
    {
        try scratch.shell("mkfifo pipe; mkdir dir; ln -s \"$PWD/pipe\" dir/a; ln -s dir/a b")
        for name in ["pipe", "b"] {
            let entry = try entry(name)
            #expect(try entry.isTrusted)
            #expect(try entry.open() == nil)
            let reader = try scratch.directory.openFile("pipe")
            let writer = try #require(try entry.open())
            try writer.write([7].span)
            var byte: [UInt8] = [0]
            var span = byte.mutableSpan
            #expect(try reader.read(into: &span) == 1)
            #expect(byte == [7])
        }
    }

    @Test func `what has been exchanged is not opened, nor a link followed that came meanwhile`()
        throws
    {
        try scratch.shell("mkfifo pipe other; echo precious > file")
        let entry = try entry("pipe")
        try scratch.shell("mv other pipe")
        let reader = try scratch.directory.openFile("pipe")
        #expect(refusal(entry)?.isExchanged == true)
        for change in ["rm pipe; ln -s file pipe", "rm pipe; cp file pipe", "rm pipe"] {
            try scratch.shell(change)
            #expect(refusal(entry)?.isExchanged == true, "\(change)")
        }
        #expect(try File.open(scratch("file")).contents() == Array("precious\n".utf8))
        withExtendedLifetime(reader) {}
    }

    @Test func `a device is opened without waiting, and a socket not at all`() throws {
        let devices = try Directory.open("/dev")
        let null = try #require(try devices.outputEntry("null"))
        #expect(try null.isTrusted)
        try #require(try null.open()).write([1].span)
        try scratch.shell(
            "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'")
        #expect(refusal(try entry("socket")) != nil)
    }

    @Test func `a descriptor of this process is written to, whoever made the pipe`() throws {
        let pipe = Pipe()
        let number = pipe.fileHandleForWriting.fileDescriptor
        try scratch.shell("ln -s /dev/fd/\(number) own")
        let entry = try entry("own")
        #expect(try entry.isTrusted)
        try #require(try entry.open()).write([5].span)
        #expect(try pipe.fileHandleForReading.read(upToCount: 1) == Data([5]))
    }

    @Test func `a file that a descriptor has open is written to, not replaced`() throws {
        try scratch.shell("echo before > file")
        let file = try File.open(scratch("file"), .readWrite)
        let number = try #require(
            FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").first { name in
                (try? FileSystem.status("/proc/self/fd/\(name)").identity)
                    == (try? file.status().identity)
            })
        try scratch.shell("ln -s /dev/fd/\(number) own; ln -s file link")
        try #require(try entry("own").open()).write(Array("after\n".utf8).span)
        #expect(try File.open(scratch("file")).contents() == Array("before\nafter\n".utf8))
        #expect(try scratch.directory.outputEntry("link") == nil)
    }

    @Test(.enabled(if: getuid() == 0, "giving a pipe to somebody else takes root"))
    func `somebody else's pipe or device is trusted only in a directory of his`() throws {
        try scratch.shell(
            """
            mkdir shared his; mkfifo shared/pipe his/pipe; mknod shared/null c 1 3
            ln -s shared/pipe link; ln -s pipe shared/link
            chown -h 65534 shared/pipe shared/null shared/link his his/pipe
            """)
        let shared = try Directory.open(scratch("shared"))
        let his = try Directory.open(scratch("his"))
        for name in ["pipe", "null"] {
            #expect(try shared.outputEntry(name)?.isTrusted == false, "\(name)")
        }
        #expect(try his.outputEntry("pipe")?.isTrusted == true)
        #expect(try entry("link").isTrusted == false)
        let error = #expect(throws: SystemError.self) { try shared.outputEntry("link") }
        #expect(error?.isSymbolicLink == true)
    }
}
