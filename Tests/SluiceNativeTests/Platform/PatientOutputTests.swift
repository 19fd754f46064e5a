import Foundation
import TestSupport
import Testing

@testable import SluiceNative

@Suite struct PatientOutputTests {
    /// More than pipes hold.
    private static let contents = pattern(600_000)

    /// Who sits at a terminal, and takes what has been written to it when asked to.
    private final class Sitter {
        let path: String
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()

        init() throws {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", "-c",
                """
                os, pty, sys = map(__import__, ("os", "pty", "sys"))
                master, slave = pty.openpty()
                print(os.ttyname(slave), flush=True)
                for line in sys.stdin:
                    count = 0
                    while count < int(line): count += len(os.read(master, 65536))
                    print(count, flush=True)
                """,
            ]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            path = try Self.line(of: output)
        }

        deinit {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }

        /// Takes at least so many bytes; how many.
        func take(_ byteCount: Int) throws -> Int {
            input.fileHandleForWriting.write(Data("\(byteCount)\n".utf8))
            return try #require(Int(try Self.line(of: output)))
        }

        private static func line(of pipe: Pipe) throws -> String {
            var line: [UInt8] = []
            while let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first,
                byte != UInt8(ascii: "\n")
            { line.append(byte) }
            return String(decoding: line, as: UTF8.self)
        }
    }

    private static func pipe() throws -> (reader: File, writer: File) {
        let pipe = Pipe()
        let reader = dup(pipe.fileHandleForReading.fileDescriptor)
        let writer = dup(pipe.fileHandleForWriting.fileDescriptor)
        try #require(reader >= 0 && writer >= 0)
        return (File(descriptor: reader, path: nil), File(descriptor: writer, path: nil))
    }

    /// Offers everything, while `read` takes what has arrived; an offer must return at once, also before
    /// anybody reads.
    private func send(
        _ output: PatientOutput, of bytes: [UInt8], _ read: () throws -> Void
    ) throws {
        var done = 0
        var refusedCount = 0
        while done < bytes.count {
            let began = MonotonicClock.nowNanoseconds
            let count = try output.offer(bytes.span.extracting(done...))
            #expect(MonotonicClock.nowNanoseconds - began < 1_000_000_000)
            done += count
            guard count == 0 else { continue }
            refusedCount += 1
            if refusedCount == 1 {
                // Nobody has read, but the system may have made room by moving bytes to the other side.
                try output.wait(milliseconds: 1)
                continue
            }
            try read()
        }
        // Twice at least before anybody has read.
        #expect(refusedCount > 1)
    }

    @Test func `a terminal that stalls takes nothing, and keeps nobody waiting`() throws {
        let sitter = try Sitter()
        let file = try File.open(sitter.path, .readWrite)
        let output = try #require(try PatientOutput(file))
        // Each line's end is two bytes there.
        let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: 50_000)
        var received = 0
        try send(output, of: bytes) { received += try sitter.take(1) }
        if received < 2 * bytes.count {
            received += try sitter.take(2 * bytes.count - received)
        }
        #expect(received == 2 * bytes.count)
        // The description that others share is as it was.
        #expect(fcntl(file.descriptor, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `a terminal that was opened by its name likewise`() throws {
        let sitter = try Sitter()
        let name = try #require(sitter.path.split(separator: "/").last)
        let entry = try #require(try Directory.open("/dev/pts").outputEntry(String(name)))
        let output = PatientOutput(own: try #require(try entry.open()))
        try send(output, of: [UInt8](repeating: 65, count: 50_000)) { _ = try sitter.take(1) }
    }

    @Test func `the other end of a terminal isn't taken for a new one`() throws {
        #expect(try PatientOutput(File.open("/dev/ptmx", .readWrite)) == nil)
    }

    @Test func `a pipe is filled, and waited for outside`() throws {
        let (reader, writer) = try Self.pipe()
        let output = try #require(try PatientOutput(writer))
        var received: [UInt8] = []
        try send(output, of: Self.contents) { received += try Self.some(of: reader) }
        while received.count < Self.contents.count { received += try Self.some(of: reader) }
        #expect(received == Self.contents)
        #expect(fcntl(writer.descriptor, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `a pipe that can't be opened anew is filled without waiting, too`() throws {
        let (reader, writer) = try Self.pipe()
        let feed = try PipeFeed()
        var received: [UInt8] = []
        var done = 0
        var isRefused = false
        while done < Self.contents.count {
            do throws(SystemError) {
                done += try feed.offer(
                    Self.contents.span.extracting(done..<min(done + 100_000, Self.contents.count)),
                    to: writer)
            } catch {
                try #require(error.number == EAGAIN)
                isRefused = true
                received += try Self.some(of: reader)
            }
        }
        #expect(isRefused)
        while received.count < Self.contents.count { received += try Self.some(of: reader) }
        #expect(received == Self.contents)
    }

    @Test func `files and devices take everything, a part at a time`() throws {
        let scratch = try Scratch()
        let file = try scratch.makeFile("file")
        let null = try File.open("/dev/null", .write)
        for target in [file, null] {
            let output = try #require(try PatientOutput(target))
            var done = 0
            while done < Self.contents.count {
                let count = try output.offer(Self.contents.span.extracting(done...))
                #expect(count > 0 && count <= 256 << 10)
                done += count
            }
        }
        #expect(try file.contents() == Self.contents)
        let full = try #require(try PatientOutput(try File.open("/dev/full", .write)))
        let error = #expect(throws: SystemError.self) { try full.offer([1].span) }
        #expect(error?.isNoSpace == true)
    }

    private static func some(of file: File) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var span = buffer.mutableSpan
        return Array(buffer[..<(try file.readSome(into: &span))])
    }
}
