internal import Sluice

/// The failures of a command that goes on with what is left to do: each is printed as it comes, and
/// the first says how the command exits.
final class FailureReport {
    private let errors: ErrorOutput
    private var first: Failure?

    init(_ options: GlobalOptions) {
        errors = ErrorOutput(isJSON: options.isJSON, Advice(options))
    }

    /// Runs one part of the work. A failure that every other part would meet ends the command.
    func attempt(_ part: () throws -> Void) throws(Failure) {
        do {
            try part()
        } catch {
            let failure = Failure(error)
            guard (error as? StoreError)?.code.concernsOneObject ?? false else { throw failure }
            record(failure)
        }
    }

    /// Records what failed of many objects.
    func record(_ failures: [TreeFailure]) {
        for failure in Self.told(failures) { record(failure) }
    }

    /// Records what was left out of a tree, and what stays because of that. Who named the tree has not named what is
    /// in it: a name that no object can have is no usage error there, and what isn't there any more was.
    ///
    /// - Parameter place: Where what is meant to be removed stays.
    func record(_ report: TreeReport, keptIn place: String) {
        for failure in Self.told(report.failures) {
            var failure = failure
            if Self.ofNamed.contains(failure.exitCode) {
                failure.exitCode = StoreError.Code.inputOutput.exitCode
            }
            record(failure)
        }
        guard report.keepsOthers else { return }
        record(
            Failure(
                .inputOutput, "nothing was removed from '\(place)', because something was left out",
                remedies: [
                    .other(
                        "mend what is told above, or pass over it with --exclude, and run this again"
                    )
                ]))
    }

    /// How a command exits for what its user has named.
    private static let ofNamed: Set = [
        StoreError.Code.invalidName.exitCode, StoreError.Code.notFound.exitCode,
        StoreError.Code.alreadyExists.exitCode,
    ]

    /// What was left out: of all that one thing is in the way of, the first, and how much else that is.
    private static func told(_ failures: [TreeFailure]) -> [Failure] {
        let failures = failures.filter { $0.error.code != .cancelled }
        let obstructed = Dictionary(grouping: failures.filter(\.isObstructed), by: \.error.subject)
        var toldOf: Set<ErrorSubject?> = []
        return failures.compactMap { failure in
            let error = failure.error
            let isNamed = error.reason.contains("'\(failure.subject)'")
            var reason = isNamed ? error.reason : "\(failure.subject): \(error.reason)"
            if failure.isObstructed {
                guard toldOf.insert(error.subject).inserted else { return nil }
                let others = (obstructed[error.subject]?.count ?? 1) - 1
                if others > 0 { reason += ", and so for \(Quantity.grouped(others)) more" }
            }
            return Failure(error.code, reason, about: error.subject, remedies: error.remedies)
        }
    }

    /// Records a failure.
    func record(_ failure: Failure) {
        errors.report(failure)
        if first == nil { first = failure }
    }

    /// Ends the command if anything failed.
    func finish() throws(Failure) {
        if let first { throw Failure(alreadyReported: first) }
    }
}

extension TreeFailure {
    /// Whether it is about something else that stands in the way.
    fileprivate var isObstructed: Bool {
        error.code == .invalidName && error.subject.map { $0.name != subject } ?? false
    }
}

extension StoreError.Code {
    /// Whether another object may well do better.
    fileprivate var concernsOneObject: Bool {
        switch self {
        case .notFound, .alreadyExists, .conditionNotMet, .leased, .held, .invalidName,
            .invalidArgument,
            .integrity, .sourceChanged, .inputOutput:
            true
        default: false
        }
    }
}
