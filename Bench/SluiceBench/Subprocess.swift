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
    func run(_ arguments: String...) throws -> UInt64 {
        let start = MonotonicClock.nowNanoseconds
        try wait(for: launch(arguments, output: FileHandle.nullDevice))
        return UInt64(MonotonicClock.nowNanoseconds - start)
    }

    /// Runs the program and returns the first line of its output, which must be short.
    func firstLine(_ arguments: String...) throws -> String {
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
    func peakResidentByteCount(_ arguments: [String]) throws -> UInt64 {
        var peak: UInt64 = 0
        try wait(for: launch(arguments, output: FileHandle.nullDevice)) { processID in
            peak = max(peak, Self.highWaterMark(ofProcess: processID) ?? 0)
        }
        guard peak > 0 else { throw BenchError.tooFast(path) }
        return peak
    }

    // MARK: Running

    private struct Running {
        let process: Process
        let errors: Pipe
        let ended: DispatchSemaphore
    }

    private func launch(_ arguments: [String], output: Any) throws -> Running {
        let process = Process()
        let running = Running(process: process, errors: Pipe(), ended: DispatchSemaphore(value: 0))
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
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

    private static func highWaterMark(ofProcess processID: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first
            .flatMap { UInt64($0) }.map { $0 * 1024 }
    }

    private static func isFile(_ path: String) -> Bool {
        (try? FileSystem.status(path).kind) == .regular
    }
}
