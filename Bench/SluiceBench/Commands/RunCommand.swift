internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// `sluice-bench run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure the cells and write result.json and report.md.",
        discussion: """
            Ctrl-C ends the run after the block that is under way and keeps what was measured. What \
            is generated stays in the directory for the next run; everything else is removed.

            The exit code is 0 when every cell was measured, whatever came out, 1 when one could not \
            be, 130 after Ctrl-C.
            """)

    @Option(
        help: ArgumentHelp("Only cells whose names match this regular expression.", valueName: "re")
    )
    var filter: String?

    @Option(help: "The sizes: smoke (under 2 minutes) or standard (about 15).")
    var profile = Profile.standard

    @Option(
        help: ArgumentHelp("Where to write the report.", valueName: "dir"), completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp(
            "Where to measure and to keep generated data. (default: a directory in $TMPDIR)",
            valueName: "dir"),
        completion: .directory)
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "The sluice command. (default: the one beside sluice-bench)", valueName: "file"),
        completion: .file())
    var sluice: String?

    @Option(
        help: ArgumentHelp(
            "The manifest of the data. (default: the checkout's Data/corpus.json)",
            valueName: "file"),
        completion: .file())
    var corpus: String?

    @Option(help: "What data and orders are drawn from.")
    var seed: UInt64 = 1

    func run() throws {
        let interruption = Interruption()
        try interruption.listen()
        let pattern = try filter.map(pattern)
        let corpus = try Corpus(manifestAt: corpus)
        let work = try WorkDirectory(directory, neededByteCount: profile.neededByteCount)
        let conditions = Conditions(
            profile: profile, seed: seed, corpus: CorpusCache(corpus, directory: work.corpus),
            scratch: work.scratch, sluice: Subprocess(path: try sluicePath()),
            interruption: interruption)
        let set = try CellSet(conditions)
        var run = try BenchRun(
            cells: set.cells.filter { cell in
                pattern.map { cell.name.contains($0) } ?? true
            }, conditions: conditions, output: output, command: CommandLine.arguments)
        let result = Result { try run.measure() }
        try set.finish()
        try work.clean()
        try result.get()
        print(run.result.plainText)
        print("\(output)/report.md has latencies and the machine, result.json everything.")
        if interruption.isRequested { throw ExitCode(130) }
        if !run.result.failures.isEmpty { throw ExitCode(1) }
    }

    private func pattern(_ text: String) throws -> Regex<AnyRegexOutput> {
        do {
            return try Regex(text)
        } catch {
            throw BenchError.badPattern(text)
        }
    }

    private func sluicePath() throws -> String {
        if let sluice { return (try? FileSystem.realPath(sluice)) ?? sluice }
        let own = try FileSystem.realPath("/proc/self/exe")
        return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)]) + "/sluice"
    }
}
