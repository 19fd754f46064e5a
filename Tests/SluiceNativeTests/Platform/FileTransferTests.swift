import Dispatch
import Foundation
import Testing

@testable import SluiceNative

@Suite struct FileTransferTests {
    static let byteCount = 4096
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The two ends of a pipe.
    private func pipe() throws -> (reader: File, writer: File) {
        let pipe = Pipe()
        let reader = dup(pipe.fileHandleForReading.fileDescriptor)
        let writer = dup(pipe.fileHandleForWriting.fileDescriptor)
        try #require(reader >= 0 && writer >= 0)
        return (File(descriptor: reader, path: nil), File(descriptor: writer, path: nil))
    }

    @Test(arguments: [0, 1, byteCount - 1, byteCount, byteCount + 1, 2 * byteCount])
    func `read at an offset gives what there is`(wanted: Int) throws {
        let contents = pattern(Self.byteCount)
        let file = try scratch.makeFile("file", contents)
        for offset in [0, 1, Self.byteCount - 1, Self.byteCount, Self.byteCount + 1] {
            var buffer = [UInt8](repeating: 0xEE, count: wanted)
            var span = buffer.mutableSpan
            let count = try file.read(into: &span, at: offset)
            let expected = contents.dropFirst(offset).prefix(wanted)
            #expect(count == expected.count)
            #expect(buffer[..<count] == expected)
            #expect(buffer[count...].allSatisfy { $0 == 0xEE })
        }
    }

    @Test func `sequential reads and writes go on where the last one ended`() throws {
        let contents = pattern(10)
        let file = try scratch.makeFile("file")
        try file.write(contents.span.extracting(..<4))
        try file.write([UInt8]().span)
        try file.write(contents.span.extracting(4...))
        let again = try File.open(scratch("file"))
        var buffer = [UInt8](repeating: 0, count: 7)
        var span = buffer.mutableSpan
        #expect(try again.read(into: &span) == 7)
        #expect(buffer == Array(contents[..<7]))
        span = buffer.mutableSpan
        #expect(try again.read(into: &span) == 3)
        #expect(buffer[..<3] == contents[7...])
        span = buffer.mutableSpan
        #expect(try again.read(into: &span) == 0)
    }

    @Test func `writes at offsets leave the position and the gaps alone`() throws {
        let file = try scratch.makeFile("file")
        try file.write([5].span, at: 3)
        try file.write([9].span)
        #expect(try file.contents() == [9, 0, 0, 5])
    }

    @Test func `several threads may write parts of one file`() throws {
        let file = try scratch.makeFile("file")
        let contents = pattern(64 * Self.byteCount)
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let offset = index * Self.byteCount
            do {
                try file.write(
                    contents.span.extracting(offset..<offset + Self.byteCount), at: offset)
            } catch {
                Issue.record(error)
            }
        }
        #expect(try file.contents() == contents)
    }

    @Test func `a negative offset is refused`() throws {
        let file = try scratch.makeFile("file")
        let error = #expect(throws: SystemError.self) { try file.write([1].span, at: -1) }
        #expect(error?.isInvalid == true)
    }

    @Test func `reading a directory is an error`() throws {
        let file = try File.open(scratch.path)
        let error = #expect(throws: SystemError.self) { try file.contents() }
        #expect(error?.isDirectory == true)
    }

    @Test func `a pipe is read to its end through however many parts`() throws {
        let contents = pattern(300_000)
        let (reader, writer) = try pipe()
        let thread = Thread {
            do {
                for start in stride(from: 0, to: contents.count, by: 1000) {
                    try writer.write(contents.span.extracting(start..<start + 1000))
                }
            } catch {
                Issue.record(error)
            }
        }
        thread.start()
        var buffer = [UInt8](repeating: 0, count: contents.count)
        var span = buffer.mutableSpan
        #expect(try reader.read(into: &span) == contents.count)
        #expect(buffer == contents)
    }

    @Test func `readSome doesn't wait for more than there is`() throws {
        let (reader, writer) = try pipe()
        try writer.write([1, 2].span)
        var buffer = [UInt8](repeating: 0, count: 10)
        var span = buffer.mutableSpan
        #expect(try reader.readSome(into: &span) == 2)
        #expect(buffer[..<2] == [1, 2])
    }

    @Test func `a write that nobody will read throws, and the process lives`() throws {
        Signals.ignoreFailedWrites()
        let writer = try pipe().writer
        let error = #expect(throws: SystemError.self) { try writer.write([1].span) }
        #expect(error?.isBrokenPipe == true)
    }

    @Test func `a stream that someone made non-blocking is waited for`() throws {
        let (reader, writer) = try pipe()
        try #require(fcntl(writer.descriptor, F_SETFL, O_NONBLOCK) == 0)
        try #require(fcntl(reader.descriptor, F_SETFL, O_NONBLOCK) == 0)
        // More than a pipe holds, so that both sides have to wait.
        let contents = pattern(1_000_000)
        let thread = Thread {
            do { try writer.write(contents.span) } catch { Issue.record(error) }
        }
        thread.start()
        var buffer = [UInt8](repeating: 0, count: contents.count)
        var span = buffer.mutableSpan
        #expect(try reader.read(into: &span) == contents.count)
        #expect(buffer == contents)
    }

    @Test func `a full device is no space`() throws {
        let error = #expect(throws: SystemError.self) {
            try File.open("/dev/full", .readWrite).write([1].span)
        }
        #expect(error?.isNoSpace == true)
    }
}
