internal import Foundation
internal import TestSupport

/// The `sluice` command, as it was built, with a home of its own.
final class CommandHome: Sendable {
    let directory: TemporaryDirectory
    /// Where the files of a test are.
    let files: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        files = try TemporaryDirectory()
    }

    /// Runs the command.
    @discardableResult
    func sluice(_ arguments: String..., input: [UInt8] = []) throws -> CommandResult {
        try sluice(arguments, input: input)
    }

    func sluice(_ arguments: [String], input: [UInt8] = []) throws -> CommandResult {
        try runner(Self.executable).run(arguments, input: input)
    }

    /// What the command writes to standard output; throws unless it succeeds.
    func bytes(_ arguments: String..., input: [UInt8] = []) throws -> [UInt8] {
        let result = try runner(Self.executable).run(arguments, input: input)
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
        return result.output
    }

    /// What the command prints; throws unless it succeeds.
    func text(_ arguments: String...) throws -> String {
        let result = try runner(Self.executable).run(arguments)
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
        return result.outputText
    }

    /// Starts the command; without `input`, its standard input is a pipe that stays empty.
    func start(_ arguments: String..., input: [UInt8]? = []) throws -> RunningCommand {
        try runner(Self.executable).start(arguments, input: input)
    }

    /// Starts a reader that stays inside a release, and makes `vaults/inside` in it.
    func startHolder() throws -> RunningCommand {
        let probe = URL(fileURLWithPath: Self.executable).deletingLastPathComponent()
            .appendingPathComponent("BarrierProbe").path
        return try runner(probe).start(["hold", directory.path("vaults")], input: [])
    }

    /// Runs a script, in which `$sluice` is the command.
    @discardableResult
    func shell(_ script: String) throws -> CommandResult {
        try runner("/bin/bash").run(["-c", script])
    }

    /// What begins a command of a script, for the library that stands between it and its system calls.
    static func shim(_ variables: String...) -> String {
        let library = URL(fileURLWithPath: executable).deletingLastPathComponent()
            .appendingPathComponent("libCallShim.so").path
        return (["LD_PRELOAD='\(library)'"] + variables).joined(separator: " ")
    }

    /// Puts bytes from standard input.
    func put(_ bytes: [UInt8], as name: String) throws {
        let result = try sluice("put", "-", "--as", name, "--durability", "none", input: bytes)
        guard result.exitCode == 0 else { throw UnexpectedFailure(message: result.errorText) }
    }

    struct UnexpectedFailure: Error {
        let message: String
    }

    private func runner(_ program: String) -> CommandRunner {
        CommandRunner(
            executable: program,
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": files.path,
                "SLUICE_HOME": directory.path, "sluice": Self.executable, "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
            ],
            workingDirectory: files.path)
    }

    /// The products stand beside the program that runs the tests.
    private static let executable: String = {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("sluice").path
    }()
}

/// A JSON document as a tree of dictionaries.
func object(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
}

/// A JSON document that is a list of dictionaries.
func objects(_ text: String) throws -> [[String: Any]] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
}

/// The code of an error that was printed as JSON.
func errorCode(_ result: CommandResult) throws -> String? {
    (try object(result.errorText)["error"] as? [String: Any])?["code"] as? String
}
