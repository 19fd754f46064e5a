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

    /// Records what failed within a tree.
    func record(_ failures: [TreeFailure]) {
        for failure in Self.told(failures) { record(failure) }
    }

    /// Records what of a tree of files was not put. Who named the tree has not named what is in it: a name
    /// that no object can have is no usage error there.
    func record(leftOut failures: [TreeFailure]) {
        let usage = StoreError.Code.invalidName.exitCode
        for failure in Self.told(failures) {
            var failure = failure
            if failure.exitCode == usage {
                failure.exitCode = StoreError.Code.inputOutput.exitCode
            }
            record(failure)
        }
    }

    private static func told(_ failures: [TreeFailure]) -> [Failure] {
        failures.filter { $0.error.code != .cancelled }.map { failure in
            let error = failure.error
            let isNamed = error.subject?.name == failure.subject
            return Failure(
                error.code, isNamed ? error.reason : "\(failure.subject): \(error.reason)",
                about: error.subject, remedies: error.remedies)
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
