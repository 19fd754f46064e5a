internal import Sluice

/// What was done with a tree, as `--json` prints it.
struct TreeDocument: Encodable {
    let objectCount: Int
    let byteCount: Int
    let unchangedCount: Int
    /// Names of objects that a put removed, paths of files that a get did; in order.
    let removed: [String]
    let failureCount: Int

    init(_ report: TreeReport) {
        objectCount = report.objectCount
        byteCount = report.byteCount
        unchangedCount = report.unchangedCount
        removed = report.names.map(\.description) + report.removedPaths.sorted()
        failureCount = report.failures.count
    }
}

extension TreeDocument {
    /// What was done, for people: `12 objects, 3 KiB; 4 unchanged, 1 removed`.
    var summary: String {
        var summary =
            "\(Quantity.count(objectCount, "object")), \(Quantity.bytes(byteCount))"
        let others = [
            (unchangedCount, "unchanged"), (removed.count, "removed"), (failureCount, "left out"),
        ].filter { $0.0 > 0 }.map { "\(Quantity.grouped($0.0)) \($0.1)" }
        if !others.isEmpty { summary += "; " + others.joined(separator: ", ") }
        return summary
    }
}
