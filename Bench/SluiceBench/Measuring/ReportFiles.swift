internal import BenchKit
internal import SluiceNative

/// Where a report is written: `result.json`, `report.md` and `report.html` in one directory.
struct ReportFiles {
    private let directory: Directory

    /// The one that a gate takes as its baseline.
    static let resultName = "result.json"

    /// Makes the directory if need be, and says so if there is a report in it already.
    init(in path: String) throws {
        guard !path.isEmpty else { throw BenchError.emptyPath("--output") }
        do throws(SystemError) {
            if try FileSystem.exists("\(path)/\(Self.resultName)") {
                Console.note("'\(path)' has a report already, which this one will replace.")
            }
            try FileSystem.makeDirectories(path)
            directory = try Directory.open(path)
        } catch {
            throw BenchError.noPlaceForReport(path: path, reason: error.reason)
        }
    }

    /// Writes all three, each in the place of the old one, so that a reader finds either.
    func write(_ report: Report) throws {
        try write(report.json(), to: Self.resultName)
        try write(report.markdown, to: "report.md")
        try write(report.html, to: "report.html")
    }

    private func write(_ text: String, to name: String) throws {
        let partialName = ".\(name).partial"
        try Scratch.remove("\(directory.path)/\(partialName)")
        try directory.createExclusively(partialName, mode: 0o644).write(Array(text.utf8).span)
        try directory.replace(name, with: partialName)
    }
}
