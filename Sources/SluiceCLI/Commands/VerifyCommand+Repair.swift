internal import Sluice

extension VerifyCommand {
    /// `sluice verify --repair`.
    func runRepair() throws {
        _ = try Interruption()
        let report = try Store.repair(
            global.location(), rootKey: global.rootKeySource(), options: global.storeOptions,
            withKeys: !keyless)
        try global.output.print(RepairDocument(report), text: text(report))
        let lost = report.findings.count { $0.outcome != .mended }
        guard lost == 0 else {
            throw Failure(
                .integrity, "\(Quantity.count(lost, "finding")) could not be mended",
                remedies: [.other("get what is lost from a backup")])
        }
    }

    private struct RepairDocument: Encodable {
        struct Finding: Encodable {
            let subject: String
            let problem: String
            let outcome: String
        }

        let findings: [Finding]
        /// Where this repair has put what it took out; nil if nothing was.
        let lostAndFound: String?

        init(_ report: RepairReport) {
            findings = report.findings.map {
                Finding(subject: $0.subject, problem: $0.problem, outcome: $0.outcome.rawValue)
            }
            lostAndFound = report.lostAndFoundPath
        }
    }

    private func text(_ report: RepairReport) -> String {
        guard !report.findings.isEmpty else {
            return "nothing to repair\n" + lostAndFoundNote(report.lostAndFound)
        }
        let output = global.output
        var text = ""
        for finding in report.findings {
            let subject = output.shown(finding.subject)
            text += "\(finding.outcome.rawValue) \(subject): \(output.shown(finding.problem))\n"
        }
        if let path = report.lostAndFoundPath {
            text += "what was taken out is in \(output.shown(path))\n"
        }
        return text
    }
}
