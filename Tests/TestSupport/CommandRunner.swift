internal import Foundation

/// What a process did.
public struct CommandResult: Sendable {
    /// How it exited; 128 and the signal's number if a signal ended it, as a shell has it.
    public let exitCode: Int32
    /// What it wrote to standard output.
    public let output: [UInt8]
    /// What it wrote to standard error.
    public let errorText: String

    /// What it wrote to standard output, as text.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program with an environment of its own, and waits for it.
public struct CommandRunner: Sendable {
    /// The program's path.
    public let executable: String
    /// Its whole environment.
    public var environment: [String: String]
    /// Where it is started.
    public var workingDirectory: String

    /// A runner of the program at `executable`.
    public init(executable: String, environment: [String: String], workingDirectory: String) {
        self.executable = executable
        self.environment = environment
        self.workingDirectory = workingDirectory
    }

    /// A runner of a program that stands beside this one.
    public init(
        besideTests name: String, environment: [String: String] = [:], workingDirectory: String
    ) {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        self.init(
            executable: own.deletingLastPathComponent().appendingPathComponent(name).path,
            environment: environment.merging(Self.sanitizer) { given, _ in given },
            workingDirectory: workingDirectory)
    }

    /// What `scripts/tsan` has set: a program beside this one is built as it is.
    private static let sanitizer: [String: String] = {
        let own = ProcessInfo.processInfo.environment
        guard own["TSAN_OPTIONS"] != nil else { return [:] }
        return own.filter { ["LD_PRELOAD", "TSAN_OPTIONS"].contains($0.key) }
    }()

    /// A runner of `BarrierProbe`.
    public init(barrierProbeIn directoryPath: String) {
        self.init(besideTests: "BarrierProbe", workingDirectory: directoryPath)
    }

    /// Runs the program; its standard input is `input`, and then ends.
    public func run(_ arguments: [String], input: [UInt8] = []) throws -> CommandResult {
        let running = try start(arguments, input: input)
        return try running.wait()
    }

    /// Starts the program; with no `input` at all, its standard input is a pipe that stays empty.
    public func start(_ arguments: [String], input: [UInt8]?) throws -> RunningCommand {
        try RunningCommand(self, arguments, input: input)
    }
}

/// A program that was started.
public final class RunningCommand {
    private let process = Process()
    private let files: URL
    private let openPipe = Pipe()

    /// Input and output go through files, so that neither side can wait for the other.
    fileprivate init(_ runner: CommandRunner, _ arguments: [String], input: [UInt8]?) throws {
        files = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        for (name, bytes) in [("in", input ?? []), ("out", []), ("err", [])] {
            try Data(bytes).write(to: files.appendingPathComponent(name))
        }
        process.executableURL = URL(fileURLWithPath: runner.executable)
        process.arguments = arguments
        process.environment = runner.environment
        process.currentDirectoryURL = URL(fileURLWithPath: runner.workingDirectory)
        if input == nil {
            process.standardInput = openPipe
        } else {
            process.standardInput = try FileHandle(
                forReadingFrom: files.appendingPathComponent("in"))
        }
        process.standardOutput = try FileHandle(
            forWritingTo: files.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: files.appendingPathComponent("err"))
        try process.run()
    }

    deinit {
        try? FileManager.default.removeItem(at: files)
    }

    /// Sends SIGINT, as Ctrl-C does.
    public func interrupt() {
        process.interrupt()
    }

    /// Its process.
    public var processID: Int32 { process.processIdentifier }

    /// Sends a signal, as SIGSTOP, SIGCONT or SIGKILL.
    public func send(_ signal: Int32) {
        _ = Foundation.kill(process.processIdentifier, signal)
    }

    /// Whether it hasn't ended yet.
    public var isRunning: Bool { process.isRunning }

    /// What it has written to standard output up to now, as text.
    public var outputText: String {
        get throws { String(decoding: try bytes("out"), as: UTF8.self) }
    }

    /// Waits for the end.
    public func wait() throws -> CommandResult {
        process.waitUntilExit()
        let status = process.terminationStatus
        return CommandResult(
            exitCode: process.terminationReason == .uncaughtSignal ? 128 + status : status,
            output: try bytes("out"),
            errorText: String(decoding: try bytes("err"), as: UTF8.self))
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: files.appendingPathComponent(name)))
    }
}
