internal import ArgumentParser
internal import BenchKit
internal import SluiceNative

/// `sluice-bench gate`.
struct GateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Hold exact counts and shares of the ceilings against a baseline.",
        discussion: """
            The baseline is the result.json of a 'run' on the same machine with the same software; \
            its cells are measured anew, at its sizes. A count that has grown is a regression, and \
            so is a share of the ceiling that lies below all blocks of the baseline.

            The exit code is 0 when there is no regression, 2 when there is one, 1 when a cell could \
            not be measured, 5 when there is no baseline, 7 when something is inconclusive or the \
            baseline is of another machine or other software, or has none of the cells, 130 after \
            Ctrl-C. Cells that the baseline lacks are named and not measured.
            """)

    @Option(
        help: ArgumentHelp("The result.json of a run.", valueName: "file"), completion: .file())
    var baseline: String

    @OptionGroup var filter: CellFilter

    @Option(
        help: ArgumentHelp("Where to write a report, if anywhere.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @OptionGroup var options: MeasuringOptions

    func run() throws {
        guard try FileSystem.exists(baseline) else {
            Console.note("There is no baseline at '\(baseline)': record one with sluice-bench run.")
            throw ExitReason.noBaseline.exitCode
        }
        let recorded = try Self.report(at: baseline)
        try requireBaselineStays()
        guard let profile = Profile(rawValue: recorded.profile) else {
            throw BenchError.notAReport(
                path: baseline, reason: "it has a profile '\(recorded.profile)'")
        }
        try options.withConditions(profile) { conditions in
            let differences = try conditions.report(.gate).fingerprint
                .differences(from: recorded.fingerprint)
            guard differences.isEmpty else {
                Console.note(
                    """
                    The baseline '\(baseline)' is of another machine or other software:
                    \(Self.text(differences))
                    Record one here with sluice-bench run, or judge two builds with 'ab'.
                    """)
                throw ExitReason.inconclusive.exitCode
            }
            try measure(recorded, conditions)
        }
    }

    private func measure(_ recorded: Report, _ conditions: Conditions) throws {
        let known = Dictionary(
            recorded.cells.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let set = try CellSet(conditions)
        let recordedNames = recorded.cells.map(\.name)
        let gated = GatedCells(
            try filter.cells(of: set), of: set.cells, recordedNames: recordedNames)
        guard !gated.cells.isEmpty else {
            let has = recordedNames.isEmpty ? "no cell" : recordedNames.joined(separator: ", ")
            for note in gated.notes + ["The baseline '\(baseline)' has \(has)."] {
                Console.note(note)
            }
            throw ExitReason.inconclusive.exitCode
        }
        var run = try CellRun(
            .gate, gated.cells, conditions, files: output.map(ReportFiles.init(in:)))
        run.report.notes += gated.notes
        let result = Result {
            try run.measure { result, report in
                guard let earlier = known[result.name] else { return }
                report.findings.append(GateFinding(result, against: earlier))
            }
        }
        try set.finish()
        try result.get()
        try Console.print(run.report.plainText)
        if conditions.interruption.isRequested { throw ExitReason.interrupted.exitCode }
        let verdicts = run.report.findings.map(\.verdict)
        if let reason = ExitReason.of(verdicts, failures: run.report.failures) {
            throw reason.exitCode
        }
    }

    /// A report into the baseline's directory would be what the next gate is held against.
    private func requireBaselineStays() throws {
        guard let output else { return }
        let replaced = try? FileSystem.status("\(output)/\(ReportFiles.resultName)").identity
        let own = try FileSystem.status(baseline).identity
        guard replaced != own else {
            throw BenchError.wouldReplaceBaseline(path: baseline)
        }
    }

    /// What differs, a line each.
    private static func text(_ differences: [FingerprintDifference]) -> String {
        differences.map { difference in
            let (own, other) = difference.excerpts
            return "  \(difference.name): \(other) in the baseline, \(own) here"
        }.joined(separator: "\n")
    }

    /// Reads a baseline.
    private static func report(at path: String) throws -> Report {
        let bytes = try InputFile.bytes(at: path)
        do throws(ReportError) {
            return try Report(json: String(decoding: bytes, as: UTF8.self))
        } catch {
            switch error {
            case .malformed: throw BenchError.notAReport(path: path, reason: "it isn't a report")
            case .otherSchema(let version):
                throw BenchError.notAReport(path: path, reason: "it has schema \(version)")
            }
        }
    }
}
