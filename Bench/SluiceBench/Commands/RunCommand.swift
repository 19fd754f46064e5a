internal import ArgumentParser
internal import BenchKit

/// `sluice-bench run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure the cells beside their ceilings and write a report.",
        discussion: """
            Writes result.json, report.md and report.html. Ctrl-C ends the run after the block that \
            is under way and keeps what was measured. What is generated stays in the directory for \
            the next run; everything else is removed.

            The exit code is 0 when every cell was measured, whatever came out, 1 when one could not \
            be, 130 after Ctrl-C. Whether something has become slower is for 'ab' and 'gate' to say.
            """)

    @OptionGroup var filter: CellFilter

    @Option(help: "The sizes: smoke (2 minutes), standard (15 minutes) or full (an hour).")
    var profile = Profile.standard

    @Option(
        help: ArgumentHelp("Where to write the report.", valueName: "dir"), completion: .directory)
    var output: String

    @OptionGroup var options: MeasuringOptions

    func run() throws {
        try options.withConditions(profile) { conditions in
            let set = try CellSet(conditions)
            let cells = try filter.cells(of: set)
            if filter.filter == nil {
                Console.note("\(cells.count) cells: about \(profile.durationText).")
            }
            var run = try CellRun(.run, cells, conditions, files: ReportFiles(in: output))
            let result = Result { try run.measure() }
            try set.finish()
            try result.get()
            try Console.print(run.report.plainText)
            try Console.print(
                "\(output)/report.html has curves and the machine, result.json everything.")
            if conditions.interruption.isRequested { throw ExitReason.interrupted.exitCode }
            if !run.report.failures.isEmpty { throw ExitReason.error.exitCode }
        }
    }
}
