internal import Sluice

/// An error as `--json` prints it.
struct ErrorDocument: Encodable {
    struct Subject: Encodable {
        let kind: String
        let name: String
    }

    struct Remedy: Encodable {
        let code: String
        let parameters: [String: String]
        /// What to do, for people.
        let text: String
        /// The command line that does it; nil if none does.
        let command: String?
    }

    let code: String
    /// The reason and the remedies, for people.
    let message: String
    let reason: String
    /// What it is about; nil if that is no one thing with a name.
    let subject: Subject?
    /// What to do, in the order in which to try it.
    let remedies: [Remedy]

    init(_ failure: Failure, _ advice: Advice) {
        code = failure.code
        message = advice.message(failure.reason, failure.remedies)
        reason = failure.reason
        subject = failure.subject.map { Subject(kind: $0.kind, name: $0.name) }
        remedies = failure.remedies.map { remedy in
            Remedy(
                code: remedy.code, parameters: remedy.parameters, text: advice.text(remedy),
                command: advice.line(remedy))
        }
    }
}
