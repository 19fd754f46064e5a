internal import Sluice

/// What repairs have taken out of the store, as `--json` prints it.
struct LostAndFoundDocument: Encodable {
    let path: String
    let fileCount: Int
    /// One for each repair that wrote one.
    let reports: [String]

    init(_ summary: LostAndFoundSummary) {
        path = summary.path
        fileCount = summary.fileCount
        reports = summary.reportPaths
    }

    /// How much it is, and where it says what it is.
    var text: String {
        let files = "\(Quantity.count(fileCount, "file")) that repairs took out"
        guard let last = reports.last else { return "\(files), in \(path)" }
        let others = reports.count == 1 ? "" : ", and those of earlier repairs beside it"
        return "\(files): \(last) says what\(others)"
    }
}
