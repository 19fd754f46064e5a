/// What a repair found in a scope while its key could be had. The report has it in words that name no
/// object, until it may be told which.
struct RepairedScope {
    let scope: Scope
    /// Whether there is an object whose bytes, or table of extents, could not be opened now.
    var hasUnopened = false
    /// By their places in the report.
    private var named: [Int: RepairReport.Finding] = [:]

    init(_ scope: Scope) {
        self.scope = scope
    }

    /// Keeps what the report's last finding is in words that name its object.
    mutating func keepNamed(_ subject: String, _ problem: String, in report: RepairReport) {
        guard let last = report.findings.last else { return }
        named[report.findings.count - 1] = RepairReport.Finding(
            subject: subject, problem: problem, outcome: last.outcome)
    }

    var isNamingAny: Bool { !named.isEmpty }

    /// Puts the names into the report.
    func tell(_ report: inout RepairReport) {
        for (index, finding) in named { report.findings[index] = finding }
    }
}
