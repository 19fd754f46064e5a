internal import Sluice

/// What was done with a tree, as `--json` prints it.
struct TreeDocument: Encodable {
    let objectCount: Int
    let byteCount: Int
    let failureCount: Int

    init(_ report: TreeReport) {
        objectCount = report.objectCount
        byteCount = report.byteCount
        failureCount = report.failures.count
    }
}
