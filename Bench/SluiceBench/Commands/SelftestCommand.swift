internal import ArgumentParser
internal import BenchKit

/// `sluice-bench selftest`.
struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "See that 'ab' can be trusted on this machine.",
        discussion: """
            20 trials of this command against itself must cry regression at most once a cell, and 10 \
            in which B's operations are made a tenth longer must be told 9 times a cell. A trial takes \
            from a quarter of a minute to one and a half: all of them, about half an hour.

            The exit code is 0 when that is so, 2 when it isn't, 1 when a trial could not be made, \
            130 after Ctrl-C.
            """)

    @OptionGroup var filter: CellFilter

    @Option(help: "The sizes: smoke, standard or full.")
    var profile = Profile.smoke

    @Option(help: "How many trials of equals.")
    var equal = 20

    @Option(help: "How many trials with a delay.")
    var delayed = 10

    @Option(
        help: ArgumentHelp("Where to write a report, if anywhere.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @OptionGroup var options: MeasuringOptions

    /// How much longer B's operations are made.
    private static let delay = 0.1
    /// Cells of different kinds that are quick to set up and have one caller. How fast two threads are in a short
    /// run depends on how soon the kernel gives each a processor.
    private static let cellNames = ["get-4KiB-range", "barrier-enter-and-leave"]

    func validate() throws {
        guard (0...1000).contains(equal), (0...1000).contains(delayed) else {
            throw ValidationError("--equal and --delayed take 0 to 1000")
        }
    }

    func run() throws {
        try options.withConditions(profile) { conditions in
            let set = try CellSet(conditions)
            let cells =
                filter.filter == nil
                ? set.cells.filter { Self.cellNames.contains($0.name) } : try filter.cells(of: set)
            var report = try conditions.report(.selftest)
            let files = try output.map(ReportFiles.init(in:))
            report.selfChecks = cells.map { SelfCheck(name: $0.name) }
            for index in 0..<equal + delayed where !conditions.interruption.isRequested {
                let isDelayed = index >= equal
                Console.note(
                    "trial \(index + 1) of \(equal + delayed)\(isDelayed ? ", with a delay" : "")")
                try trial(cells, index, isDelayed: isDelayed, conditions, &report)
                try files?.write(report)
            }
            try Console.print(report.plainText)
            if conditions.interruption.isRequested { throw ExitReason.interrupted.exitCode }
            if !report.failures.isEmpty { throw ExitReason.error.exitCode }
            if !report.selfChecks.allSatisfy(\.isPassed) { throw ExitReason.regression.exitCode }
        }
    }

    private func trial(
        _ cells: [Cell], _ index: Int, isDelayed: Bool, _ conditions: Conditions,
        _ report: inout Report
    ) throws {
        let own = try "'\(Checkout.ownDirectory())/sluice-bench'"
        var conditions = conditions
        conditions.seed &+= UInt64(index)
        var run = TrialRun(
            cells,
            TrialRun.Commands(a: own, b: own, delayOfB: isDelayed ? Self.delay : 0),
            plan: .standard, report: try conditions.report(.ab), conditions, options, files: nil)
        try run.measure()
        guard !conditions.interruption.isRequested else { return }
        report.failures += run.report.failures
        for (place, check) in report.selfChecks.enumerated() {
            guard let result = run.report.trials.first(where: { $0.name == check.name }) else {
                continue
            }
            report.selfChecks[place].add(result, isDelayed: isDelayed)
        }
    }
}
