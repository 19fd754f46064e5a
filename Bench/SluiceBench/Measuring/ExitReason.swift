internal import ArgumentParser
internal import BenchKit

/// How the command ends when it isn't well: what a build is gated on.
enum ExitReason: Int32 {
    /// Something could not be measured.
    case error = 1
    /// Something is worse.
    case regression = 2
    /// There is no baseline.
    case noBaseline = 5
    /// It can't be told, or the baseline is of another machine.
    case inconclusive = 7
    /// Ctrl-C.
    case interrupted = 130

    /// To be thrown.
    var exitCode: ExitCode { ExitCode(rawValue) }

    /// The reason of several verdicts, if there is one: a regression counts most, then what could not
    /// be measured, then what can't be told.
    static func of(_ verdicts: [Verdict], failures: [CellFailure]) -> ExitReason? {
        if verdicts.contains(.regression) { return .regression }
        if !failures.isEmpty { return .error }
        if verdicts.isEmpty || verdicts.contains(.inconclusive) { return .inconclusive }
        return nil
    }
}
