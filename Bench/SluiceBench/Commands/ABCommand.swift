internal import ArgumentParser
internal import BenchKit

/// `sluice-bench ab`.
struct ABCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ab",
        abstract: "Judge one sluice-bench against another: two builds, or two libraries.",
        discussion: """
            --a is what you have, --b what is judged: a command line each, as a shell would run it, \
            that starts a sluice-bench of this version:

              sluice-bench ab --a sluice-bench \\
                  --b 'LD_LIBRARY_PATH=/opt/openssl/lib64 sluice-bench' --output DIR

            Blocks of C A B B A C, or C B A A B C, run in processes of their own; C is the cell's \
            ceiling. After 12, 24 and 48 blocks is looked, and a cell that is decided gets no more. \
            The looks spend 1 %, 1.5 % and 2.5 % of error probability on all cells together.

            The exit code is 0 when there is no regression, 2 when there is one, 1 when a cell could \
            not be measured, 7 when something is inconclusive, 130 after Ctrl-C, which keeps the \
            finished blocks.
            """)

    @Option(help: ArgumentHelp("The command line that was there before.", valueName: "cmd"))
    var a: String

    @Option(help: ArgumentHelp("The command line that is judged.", valueName: "cmd"))
    var b: String

    @OptionGroup var filter: CellFilter

    @Option(help: "The sizes: smoke, standard or full.")
    var profile = Profile.standard

    @Option(
        help: ArgumentHelp("Where to write the report.", valueName: "dir"), completion: .directory)
    var output: String

    @OptionGroup var options: MeasuringOptions

    func run() throws {
        try options.withConditions(profile) { conditions in
            let cells = try filter.cells(of: CellSet(conditions))
            var run = try TrialRun(
                cells, TrialRun.Commands(a: a, b: b), plan: .standard,
                report: conditions.report(.ab), conditions, options,
                files: ReportFiles(in: output))
            try run.measure()
            try Console.print(run.report.plainText)
            try Console.print("\(output)/report.html has the intervals, result.json everything.")
            if conditions.interruption.isRequested { throw ExitReason.interrupted.exitCode }
            let verdicts = run.report.trials.map(\.overallVerdict)
            if let reason = ExitReason.of(verdicts, failures: run.report.failures) {
                throw reason.exitCode
            }
        }
    }
}
