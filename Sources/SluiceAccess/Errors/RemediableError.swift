/// An error that says what happened, to what, and what to do: the one shape of Sluice's errors.
///
/// No part of it holds a key, a passphrase, plaintext, or anything derived from them.
public protocol RemediableError: Error, Sendable, CustomStringConvertible {
    /// The type of ``code``.
    associatedtype Code: Hashable, Sendable, CustomStringConvertible

    /// What went wrong, for code to decide on.
    var code: Code { get }
    /// What it says besides the code.
    var details: ErrorDetails { get }
}

/// What an error says besides its code.
public final class ErrorDetails: Sendable {
    /// See ``RemediableError/reason``.
    public let reason: String
    /// See ``RemediableError/subject``.
    public let subject: ErrorSubject?
    /// See ``RemediableError/remedies``.
    public let remedies: [Remedy]
    /// See ``RemediableError/cause``.
    public let cause: (any Error)?

    /// Details of these.
    public init(
        _ reason: String, about subject: ErrorSubject? = nil, remedies: [Remedy] = [],
        cause: (any Error)? = nil
    ) {
        self.reason = reason
        self.subject = subject
        self.remedies = remedies
        self.cause = cause
    }

    /// A reason, and what to do about it: one message, with one colon where that can be.
    package static func message(_ reason: String, _ remedies: [String]) -> String {
        guard !remedies.isEmpty else { return reason }
        return reason + (reason.contains(": ") ? "; " : ": ") + remedies.joined(separator: "; ")
    }
}

extension ErrorDetails: Hashable {
    /// Whether they say the same; what lies beneath doesn't count.
    public static func == (one: ErrorDetails, other: ErrorDetails) -> Bool {
        one.reason == other.reason && one.subject == other.subject
            && one.remedies == other.remedies
    }

    /// Feeds what they say.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(reason)
        hasher.combine(subject)
        hasher.combine(remedies)
    }
}

extension RemediableError {
    /// What happened, and to what.
    public var reason: String { details.reason }
    /// What it happened to, if that is one thing with a name.
    public var subject: ErrorSubject? { details.subject }
    /// What to do, in the order in which to try it; empty if nothing helps but what the reason says.
    public var remedies: [Remedy] { details.remedies }
    /// The error beneath, if there is one.
    public var cause: (any Error)? { details.cause }

    /// What happened, to what, and what to do, in plain words.
    public var message: String {
        ErrorDetails.message(reason, remedies.map(\.description))
    }

    /// The message.
    public var description: String { message }
}
