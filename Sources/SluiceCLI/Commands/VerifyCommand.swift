internal import ArgumentParser
internal import Sluice

/// `sluice verify`.
struct VerifyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", _superCommandName: SluiceCommand.name,
        abstract: "Read and authenticate objects, and say what is wrong by name.",
        usage: "sluice verify [<name> ...] [--keyless] [--repair] [<options>]",
        discussion: """
            Without names, everything in the store, or in the scope that --scope names. Exits \
            with 65 if anything is damaged.

            What can't be verified (a scope or an object whose key is refused, an object whose blob \
            can't be read from the disk, a name that isn't there) is named with the reason and the \
            remedy, and the rest is verified; it may be damaged or not. Then, if nothing is damaged, \
            the first such reason says how the command exits: with 77 where access is denied, 74 \
            where a blob can't be read, 69 where a vault is missing, 66 where nothing has the name.

            --repair puts right what it can: it rebuilds a damaged catalog from what can be read \
            of it, and counts, references and directories. Objects that can't be read whole and \
            blobs that nothing names are moved to lost+found in the store's directory, sealed as \
            they are; nothing is deleted, and `status` and `verify` say that it is there until you \
            remove it. First get what you need of a damaged object by range: \
            moved, it isn't found any more. What hangs on a key that can't be had now is left, and so \
            is an object whose blob can't be read now. \
            Nobody else may have the store open. A sound store is not changed. Exits with 65 if \
            anything was moved or left.

            EXAMPLES:
              sluice verify
              sluice verify report.pdf
              sluice verify --keyless      check what can be checked without any key
              sluice verify --repair       and put right what can be
              sluice verify --repair --keyless
            """)

    @Argument(help: ArgumentHelp("Names of objects; none for all.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "Use no key: check the catalog, and that every blob is there and whole in size.")
    var keyless = false

    @Flag(help: "Put right what is wrong, and move what can't be to lost+found.")
    var repair = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !repair || (names.isEmpty && global.scope == nil) else {
            throw ValidationError("--repair mends the whole store, not single objects")
        }
        guard !keyless || (names.isEmpty && global.scope == nil) else {
            throw ValidationError(
                "--keyless checks the whole store: it knows no names")
        }
    }

    func run() throws {
        if repair { return try runRepair() }
        let names = try names.map { try ObjectName($0) }
        let report = try global.session.read { store in
            let report =
                if keyless {
                    try store.verifyWithoutKeys()
                } else {
                    try global.withProgress("verify") { line in
                        try store.verify(
                            names.isEmpty ? nil : names,
                            in: names.isEmpty ? global.scope : global.scopeName,
                            progress: line?.byteHandler)
                    }
                }
            try global.output.print(
                Document(report, Advice(global)), text: text(report), namesOf: report.namedScopes,
                in: store)
            return report
        }
        if let failure = failure(report) { throw failure }
    }
}

extension VerifyCommand {
    private struct Document: Encodable {
        struct Finding: Encodable {
            let subject: String
            let problem: String
            /// The code of what kept it from being verified; nil if it is damaged.
            let refusal: String?
        }

        let objectCount: Int
        let byteCount: Int
        /// Objects whose bytes take a key that callers provide.
        let providedKeyCount: Int
        let findings: [Finding]
        /// Nil if repairs have taken nothing out.
        let lostAndFound: LostAndFoundDocument?

        init(_ report: VerifyReport, _ advice: Advice) {
            objectCount = report.objectCount
            byteCount = report.byteCount
            providedKeyCount = report.providedKeyCount
            findings = report.findings.map {
                Finding(
                    subject: $0.subject, problem: $0.problem(advice),
                    refusal: $0.refusal?.code.description)
            }
            lostAndFound = report.lostAndFound.map(LostAndFoundDocument.init)
        }
    }

    private func text(_ report: VerifyReport) -> String {
        let (output, advice) = (global.output, Advice(global))
        let findings = report.findings.map { finding in
            let verdict = finding.refusal == nil ? "" : "not verified: "
            let problem = output.shown(finding.problem(advice))
            return "\(output.shown(finding.subject)): \(verdict)\(problem)\n"
        }
        let objects = Quantity.count(report.objectCount, "object")
        let summary =
            keyless
            ? "checked \(objects) without keys\n"
            : "looked at \(objects), authenticated \(Quantity.bytes(report.byteCount))\n"
        let provided = Quantity.count(report.providedKeyCount, "object")
        let note =
            report.providedKeyCount == 0
            ? ""
            : "note: the bytes of \(provided) take a key that callers provide, and were not read\n"
        return findings.joined() + summary + note + lostAndFoundNote(report.lostAndFound)
    }

    /// A line that says what repairs have taken out, if they have.
    func lostAndFoundNote(_ summary: LostAndFoundSummary?) -> String {
        guard let summary else { return "" }
        let text = LostAndFoundDocument(summary).text
        return "note: lost+found has \(global.output.shown(text))\n"
    }

    /// How the command ends if not everything is whole: damage goes before what could not be verified.
    private func failure(_ report: VerifyReport) -> Failure? {
        let unverified = report.unverified
        let unverifiedCount = Quantity.grouped(unverified.count)
        let damageCount = report.damage.count
        if damageCount > 0 {
            let others = unverified.isEmpty ? "" : "; \(unverifiedCount) could not be verified"
            return Failure(
                .integrity, "\(Quantity.count(damageCount, "finding"))\(others)",
                remedies: [
                    .run(.repair(store: nil)), .other("get what that moves from a backup"),
                ])
        }
        let reasons = unverified.count == 1 ? "reason" : "reasons"
        return unverified.first?.refusal.map { refusal in
            Failure(
                refusal.code, "\(unverifiedCount) could not be verified, for the \(reasons) above")
        }
    }
}

extension VerifyReport.Finding {
    /// What is wrong; of what could not be verified, what to do about that, too.
    fileprivate func problem(_ advice: Advice) -> String {
        refusal.map { advice.message($0) } ?? problem
    }
}
