internal import Dispatch
internal import Foundation
internal import SluiceNative
internal import Synchronization

/// Another program, run to its end; one that fails is an error.
///
/// The one place that needs Foundation: only it can start processes.
struct Subprocess: Sendable {
    /// The program's path.
    let path: String

    /// The program at a path.
    init(path: String) {
        self.path = path
    }

    /// The program of that name on the PATH.
    init(named name: String) throws {
        let directories = (Environment.variable("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        guard let directory = directories.first(where: { Self.isFile("\($0)/\(name)") }) else {
            throw BenchError.noProgram(name)
        }
        self.init(path: "\(directory)/\(name)")
    }

    /// Runs the program, its output dropped; returns how long that took.
    @discardableResult
    func run(_ arguments: [String], in directory: String? = nil) throws -> UInt64 {
        let start = MonotonicClock.nowNanoseconds
        try wait(for: launch(arguments, output: FileHandle.nullDevice, in: directory))
        return UInt64(MonotonicClock.nowNanoseconds - start)
    }

    /// Runs the program and returns the first line of its output, which must be short.
    func firstLine(_ arguments: [String]) throws -> String {
        let pipe = Pipe()
        try wait(for: launch(arguments, output: pipe))
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        return output.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Runs the program, its output dropped; returns the most memory that it held at once.
    ///
    /// The kernel's high-water mark is read every millisecond: it doesn't fall, so that only what is
    /// allocated in the last one can be missed.
    private func peakResidentByteCount(_ arguments: [String]) throws -> Int {
        var peak = 0
        try wait(for: launch(arguments, output: FileHandle.nullDevice)) { processID in
            peak = max(peak, Self.highWaterMark(ofProcess: processID) ?? 0)
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

    // MARK: Running

    private struct Running {
        let process: Process
        let errors: Pipe
        let ended: DispatchSemaphore
    }

    private func launch(
        _ arguments: [String], output: Any, in directory: String? = nil
    ) throws -> Running {
        let process = Process()
        let running = Running(process: process, errors: Pipe(), ended: DispatchSemaphore(value: 0))
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = running.errors
        process.terminationHandler = { [ended = running.ended] _ in ended.signal() }
        try process.run()
        return running
    }

    /// Calls `watch` every millisecond until the process ends.
    private func wait(for running: Running, _ watch: ((Int32) -> Void)? = nil) throws {
        if let watch {
            repeat {
                watch(running.process.processIdentifier)
            } while running.ended.wait(
                timeout: .now() + .milliseconds(1)) == .timedOut
        } else {
            running.ended.wait()
        }
        guard running.process.terminationStatus == 0 else {
            let message = running.errors.fileHandleForReading.readDataToEndOfFile()
            throw BenchError.programFailed(
                command: ([path] + (running.process.arguments ?? [])).joined(separator: " "),
                exitCode: running.process.terminationStatus,
                message: String(decoding: message, as: UTF8.self))
        }
    }

    private static func highWaterMark(ofProcess processID: Int32) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first
            .flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// Whether there is a regular file.
    private static func isFile(_ path: String) -> Bool {
        (try? FileSystem.status(path).kind) == .regular
    }
}

/// A program that answers each line with a line. One thread at a time.
final class Conversation {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let command: String
    private var unread = Data()

    /// Starts a command line as a shell would, with arguments added to it; its messages go where this
    /// process's go.
    init(shellCommand command: String, arguments: [String]) throws {
        self.command = command
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(command) \"$@\"", "sh"] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.standardError
        try process.run()
    }

    /// Sends a line and returns the answer.
    func ask(_ line: String) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
        return try nextLine()
    }

    /// The next line that the program says by itself.
    func nextLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = unread[unread.startIndex..<end]
                unread = Data(unread[unread.index(after: end)...])
                return String(decoding: line, as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                throw BenchError.programFailed(
                    command: command, exitCode: process.terminationStatus,
                    message: "it ended without an answer; its own message stands above")
            }
            unread.append(more)
        }
    }

    /// Tells the program that nothing more comes, and waits for its end.
    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError.programFailed(
                command: command, exitCode: process.terminationStatus,
                message: "its own message stands above")
        }
    }
}
