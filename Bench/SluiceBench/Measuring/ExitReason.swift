internal import ArgumentParser
internal import BenchKit

/// How the command ends when it isn't well: what a build is gated on.
enum ExitReason {
    /// Something could not be measured.
    static let error = ExitCode(1)
    /// Something is worse.
    static let regression = ExitCode(2)
    /// There is no baseline.
    static let noBaseline = ExitCode(5)
    /// It can't be told, or the baseline is of another machine.
    static let inconclusive = ExitCode(7)
    /// Ctrl-C.
    static let interrupted = ExitCode(130)

    /// The code of several verdicts: the worst counts, and what could not be measured before a
    /// verdict that can't be told.
    static func code(_ verdicts: [Verdict], failures: [CellFailure]) -> ExitCode? {
        if verdicts.contains(.regression) { return regression }
        if !failures.isEmpty { return error }
        if verdicts.isEmpty || verdicts.contains(.inconclusive) { return inconclusive }
        return nil
    }
}
