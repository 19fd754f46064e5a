internal import SluiceNative

/// Another program, run to its end; one that fails is an error.
struct Subprocess: Sendable {
    /// The program's path.
    let path: String

    /// The program at a path.
    init(path: String) {
        self.path = path
    }

    /// The program of that name on the PATH.
    init(named name: String) throws {
        guard let path = try Environment.program(named: name) else {
            throw BenchError.noProgram(name)
        }
        self.init(path: path)
    }

    /// Runs the program, its output dropped; returns how long that took.
    @discardableResult
    func run(_ arguments: [String], in directory: String? = nil) throws -> UInt64 {
        let errors = try File.createInMemory(name: "errors")
        let start = MonotonicClock.nowNanoseconds
        let process = try ChildProcess.start(path, arguments, in: directory, errors: errors)
        let exitCode = try process.wait()
        let elapsedNanoseconds = UInt64(MonotonicClock.nowNanoseconds - start)
        try require(exitCode, arguments, errors)
        return elapsedNanoseconds
    }

    /// Runs the program and returns the first line of its output.
    func firstLine(_ arguments: [String]) throws -> String {
        let (output, errors) = try (
            File.createInMemory(name: "output"), File.createInMemory(name: "errors")
        )
        let process = try ChildProcess.start(path, arguments, output: output, errors: errors)
        try require(process.wait(), arguments, errors)
        return try Self.text(of: output).split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Runs the program, its output dropped; returns the most memory that it held at once.
    ///
    /// The kernel's high-water mark is read every millisecond: it doesn't fall, so that only what is
    /// allocated in the last one can be missed.
    private func peakResidentByteCount(_ arguments: [String]) throws -> Int {
        let errors = try File.createInMemory(name: "errors")
        let process = try ChildProcess.start(path, arguments, errors: errors)
        var peak = 0
        while true {
            peak = max(peak, ProcessUsage.peakResidentByteCount(ofProcess: process.processID) ?? 0)
            if let exitCode = try process.exitCodeIfEnded() {
                try require(exitCode, arguments, errors)
                break
            }
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
        guard peak > 0 else { throw BenchError.tooFast(path) }
        return peak
    }

    /// The same on two processors: workers are as many, so a larger machine is narrowed.
    func peakResidentByteCountOnTwoProcessors(_ arguments: [String]) throws -> Int {
        guard Processor.count > 2 else { return try peakResidentByteCount(arguments) }
        return try Subprocess(named: "taskset").peakResidentByteCount(
            ["-c", "0,1", path] + arguments)
    }

    // MARK: Inside

    /// Throws what the program said unless it ended well.
    private func require(_ exitCode: Int32, _ arguments: [String], _ errors: File) throws {
        guard exitCode != 0 else { return }
        throw BenchError.programFailed(
            command: ([path] + arguments).joined(separator: " "), exitCode: exitCode,
            message: try Self.text(of: errors))
    }

    private static func text(of file: File) throws -> String {
        var bytes = [UInt8](repeating: 0, count: try file.status().byteCount)
        var span = bytes.mutableSpan
        let byteCount = try file.read(into: &span, at: 0)
        return String(decoding: bytes.prefix(byteCount), as: UTF8.self)
    }
}

/// A program that answers each line with a line. One thread at a time.
final class Conversation {
    private let process: ChildProcess
    private var input: File?
    private let output: File
    private let command: String
    private var unread: [UInt8] = []

    /// Starts a command line as a shell would, with arguments added to it; its messages go where this
    /// process's go.
    init(shellCommand command: String, arguments: [String]) throws {
        self.command = command
        let (input, output) = try (File.makePipe(), File.makePipe())
        process = try ChildProcess.start(
            "/bin/sh", ["-c", "\(command) \"$@\"", "sh"] + arguments, input: input.reader,
            output: output.writer, errors: .standardError)
        self.input = input.writer
        self.output = output.reader
    }

    /// Sends a line and returns the answer.
    func ask(_ line: String) throws -> String {
        guard let input else { preconditionFailure("asked after the end") }
        try input.write(Array("\(line)\n".utf8).span)
        return try nextLine()
    }

    /// The next line that the program says by itself.
    func nextLine() throws -> String {
        var more = [UInt8](repeating: 0, count: 65536)
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var span = more.mutableSpan
            let byteCount = try output.readSome(into: &span)
            guard byteCount > 0 else {
                throw BenchError.programFailed(
                    command: command, exitCode: try process.wait(),
                    message:
                        "it ended without an answer; what it says of that stands above, else see that it "
                        + "starts a sluice-bench of this version")
            }
            unread += more[..<byteCount]
        }
    }

    /// Tells the program that nothing more comes, and waits for its end.
    func end() throws {
        input = nil
        let exitCode = try process.wait()
        guard exitCode == 0 else {
            throw BenchError.programFailed(
                command: command, exitCode: exitCode, message: "its own message stands above")
        }
    }
}
