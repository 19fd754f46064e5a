import BenchKit
import Foundation
import Testing

@testable import SluiceBench

/// Runs the command as a person would.
@Suite struct BenchCommandTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "bench-\(UUID().uuidString)").path

    /// The command that was built beside the tests.
    private static let command: String = {
        let products = URL(filePath: ProcessInfo.processInfo.arguments[0])
            .deletingLastPathComponent()
        let built = products.appending(path: "sluice-bench").path
        return FileManager.default.fileExists(atPath: built)
            ? built
            : URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: ".build/debug/sluice-bench").path
    }()

    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Data/corpus.json").path

    /// The exit code of the command with these arguments, measuring a cell that is quick.
    private func run(_ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: Self.command)
        process.arguments =
            arguments + [
                "--filter", "^ceiling-rsa-2048-private$", "--directory", "\(directory)/work",
                "--corpus", Self.corpus,
            ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func report(_ name: String) throws -> Report {
        try Report(json: String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8))
    }

    @Test func `a run writes three reports, and a gate takes the first as its baseline`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try run("run", "--profile", "smoke", "--output", "\(directory)/run") == 0)
        let report = try report("run/result.json")
        #expect(report.cells.map(\.name) == ["ceiling-rsa-2048-private"])
        for name in ["report.md", "report.html"] {
            #expect(FileManager.default.fileExists(atPath: "\(directory)/run/\(name)"))
        }
        // What it says of times depends on the machine, so only that it says something.
        let code = try run("gate", "--baseline", "\(directory)/run/result.json")
        #expect([0, 2, 7].contains(code))
        // Nothing of a run stays but the generated data.
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/work")
        #expect(left.allSatisfy { $0 == "corpus" })
    }

    @Test func `a gate without a baseline exits 5, and with a foreign one 7`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try run("gate", "--baseline", "\(directory)/none.json") == 5)
        let foreign = Report(
            .run, profile: "smoke", command: [], seed: 1,
            fingerprint: .current(fileSystem: "tape"))
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try foreign.json().write(
            toFile: "\(directory)/foreign.json", atomically: true, encoding: .utf8)
        #expect(try run("gate", "--baseline", "\(directory)/foreign.json") == 7)
        try "{}".write(toFile: "\(directory)/bad.json", atomically: true, encoding: .utf8)
        #expect(try run("gate", "--baseline", "\(directory)/bad.json") == 1)
    }

    /// Runs a script, in which `$bench` is the command; its exit code and what it says.
    private func shell(_ script: String) throws -> (exitCode: Int32, message: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = ["bench": Self.command, "corpus": Self.corpus, "out": directory]
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let message = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: message, as: UTF8.self))
    }

    @Test(arguments: [
        "--help", "--help-hidden", "help run", "list", "list --profile smoke", "run --help",
        "ab --help",
        "gate --help", "peers --help", "selftest --help", "--generate-completion-script bash", "",
    ])
    func `a result that can't be written, or to nobody, is told`(arguments: String) throws {
        for output in ["/dev/full", "&-"] {
            let result = try shell("\"$bench\" \(arguments) >\(output)")
            #expect(result.exitCode == 1, "\(arguments)")
            #expect(result.message.split(separator: "\n").count == 1, "\(result.message)")
        }
    }

    @Test func `a measured result that can't be written is told`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let result = try shell(
            """
            "$bench" count release --operations 8 --directory "$out/work" --corpus "$corpus" > /dev/full
            """)
        #expect(result.exitCode == 1)
        #expect(result.message.split(separator: "\n").count == 1, "\(result.message)")
    }

    @Test(
        arguments: [
            ("nosuch", 1), ("help nosuch", 1), ("nosuch --filter x", 1),
            ("gate --baseline $out --directory $out/work", 1),
            ("run --corpus $out/nosuch --output $out/run", 1),
            ("run --corpus $out --output $out/run", 1),
            ("run --corpus /dev/null --output $out/run", 1),
            ("run --corpus $corpus --directory '' --output $out/run", 1),
            ("selftest --equal=-1", 64), ("selftest --delayed 9223372036854775807", 64),
            ("selftest --equal 9223372036854775808", 64), ("count release --operations=-8", 64),
            ("count release --operations 0", 64), ("peers --size +5MiB --output $out/run", 1),
            ("peers --size 9223372036854775808GiB --output $out/run", 1),
            ("run --seed 18446744073709551616 --output $out/run", 64),
            (#"run --corpus $corpus --output $'\xff'"#, 1),
        ] as [(String, Int32)])
    func `what can't be is told in a line, without the innards of an error`(
        arguments: String, exitCode: Int32
    ) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let result = try shell("mkdir -p \"$out\"; \"$bench\" \(arguments)")
        #expect(result.exitCode == exitCode, "\(result.message)")
        for word in ["Cocoa", "NSError", "NSPOSIX", "Decoding", "Optional("] {
            #expect(!result.message.contains(word), "\(result.message)")
        }
        if exitCode == 1 { #expect(result.message.split(separator: "\n").count == 1) }
    }

    @Test func `a gate's report doesn't take its baseline's place`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let foreign = Report(
            .run, profile: "smoke", command: [], seed: 1,
            fingerprint: .current(fileSystem: "tape"))
        let path = "\(directory)/result.json"
        try foreign.json().write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try run("gate", "--baseline", path, "--output", "\(directory)/.") == 1)
        #expect(try report("result.json").cells.isEmpty)
        // Elsewhere it is taken for what it is.
        #expect(try run("gate", "--baseline", path, "--output", "\(directory)/o") == 7)
    }

    @Test func `a side that isn't a sluice-bench is an error`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let code = try run(
            "ab", "--a", "echo hello", "--b", "echo hello", "--profile", "smoke", "--output",
            "\(directory)/ab")
        #expect(code == 1)
        #expect(try report("ab/result.json").failures.count == 1)
    }

    @Test func `a worker answers a run with what it measured`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let worker = try Conversation(
            shellCommand: "'\(Self.command)'",
            arguments: [
                "worker", "--cell", "ceiling-rsa-2048-private", "--profile", "smoke",
                "--directory", "\(directory)/work", "--corpus", Self.corpus,
            ])
        let ready = try WorkerMessages.message(
            WorkerMessages.Ready.self, from: worker.nextLine(), of: "worker")
        #expect(ready.version == WorkerMessages.version)
        let request = try WorkerMessages.line(WorkerMessages.Request.run(seed: 1, sliceCount: 1))
        let answer = try WorkerMessages.message(
            WorkerMessages.Answer.self, from: worker.ask(request), of: "worker")
        guard case .run(let run) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(run.work > 0)
        try worker.end()
    }
}
