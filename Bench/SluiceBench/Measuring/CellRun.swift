internal import BenchKit
internal import SluiceNative

/// Measures cells one after another beside their references, in this process.
struct CellRun {
    private let cells: [Cell]
    private let conditions: Conditions
    private let files: ReportFiles?
    /// What has been found so far.
    var report: Report
    private let blockCount: Int

    /// Prepares to measure `cells`, and to write what is found after each; a cell that doesn't say
    /// how many blocks it has gets `blockCount`, or else as many as the profile says.
    init(
        _ kind: Report.Kind, _ cells: [Cell], _ conditions: Conditions, blockCount: Int? = nil,
        files: ReportFiles?
    ) throws {
        self.blockCount = blockCount ?? conditions.profile.blockCount
        self.cells = cells
        self.conditions = conditions
        self.files = files
        report = try conditions.report(kind)
        if !conditions.profile.hasBounds {
            report.notes.append(
                "The \(conditions.profile.rawValue) profile has small sizes, to which no bound applies."
            )
        }
    }

    /// Measures every cell; one that can't be measured doesn't keep the others from it.
    ///
    /// `judge` may add to the report what is to be said of a cell.
    mutating func measure(_ judge: (CellResult, inout Report) -> Void = { _, _ in }) throws {
        let progress = ProgressLine(stepCount: cells.count)
        defer { progress?.finish() }
        for cell in cells where !conditions.interruption.isRequested {
            progress?.begin(cell.name)
            // Time that is taken away changes times, not an amount of memory.
            let comparison = Comparison(
                blockCount: cell.blockCount ?? blockCount,
                stolenFractionLimit: cell.figure == .peakMemory ? 1 : 0.02)
            do {
                let result = try cell.measure(comparison, seed: conditions.seed) { finishedCount in
                    progress?.update(Double(finishedCount) / Double(comparison.blockCount))
                    return !conditions.interruption.isRequested
                }
                report.cells.append(result)
                judge(result, &report)
            } catch {
                // After Ctrl-C whatever fails, a program that got the signal too, is part of it.
                guard !conditions.interruption.isRequested else { break }
                report.failures.append(CellFailure(name: cell.name, reason: "\(error)"))
            }
            progress?.endStep()
            try files?.write(report)
        }
        if conditions.interruption.isRequested {
            report.notes.append("Interrupted: what was finished by then is here.")
        }
        try files?.write(report)
    }
}

extension Conditions {
    /// An empty report of what is measured under these conditions.
    func report(_ kind: Report.Kind) throws -> Report {
        Report(
            kind, profile: profile.rawValue, command: CommandLine.arguments, seed: seed,
            fingerprint: try .withLibraries(measuringIn: scratch))
    }
}
