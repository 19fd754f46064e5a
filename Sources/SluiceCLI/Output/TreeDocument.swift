internal import Sluice

/// What was done with a tree, or in a dry run would be, as `--json` prints it.
struct TreeDocument: Encodable {
    let isDryRun: Bool
    let objectCount: Int
    let byteCount: Int
    let unchangedCount: Int
    /// In a dry run, names of objects that would be put or got, in order; nil otherwise.
    let planned: [String]?
    /// Names of objects that a put removed, paths of files that a get did; in order.
    let removed: [String]
    /// Whether what was to be removed stays, for something was left out.
    let keepsOthers: Bool
    let failureCount: Int

    init(_ report: TreeReport, isDryRun: Bool) {
        self.isDryRun = isDryRun
        objectCount = report.objectCount
        byteCount = report.byteCount
        unchangedCount = report.unchangedCount
        planned = isDryRun ? report.plannedNames.map(\.description) : nil
        removed = report.names.map(\.description) + report.removedPaths.sorted()
        keepsOthers = report.keepsOthers
        failureCount = report.failures.count
    }
}

extension TreeDocument {
    /// What was done, for people: `put src: 12 objects, 3 KiB; 4 unchanged, 1 removed`, in a dry run behind each thing
    /// that would be.
    ///
    /// - Parameters:
    ///   - verb: What was to be done, as `put` or `get`; `done` in the past.
    ///   - what: What it was done with, as it may be shown.
    func text(_ verb: String, _ done: String, _ what: String, _ output: Output) -> String {
        guard isDryRun else { return "\(done) \(what): \(summary)\n" }
        let lines =
            (planned ?? []).map { "would \(verb) \(output.shown($0))\n" }
            + removed.map { "would remove \(output.shown($0))\n" }
        return lines.joined() + "would \(verb) \(what): \(summary)\n"
    }

    private var summary: String {
        var summary =
            "\(Quantity.count(objectCount, "object")), \(Quantity.bytes(byteCount))"
        let others = [
            (unchangedCount, "unchanged"), (removed.count, "removed"), (failureCount, "left out"),
        ].filter { $0.0 > 0 }.map { "\(Quantity.grouped($0.0)) \($0.1)" }
        if !others.isEmpty { summary += "; " + others.joined(separator: ", ") }
        return summary
    }
}
