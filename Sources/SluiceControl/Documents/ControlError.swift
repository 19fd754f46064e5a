/// Why something can't be done with a resource, in the service's words. Two are equal if they say the same.
public struct ControlError: Error, Hashable, Sendable {
    /// What kind of refusal it is; a server knows the status that says so.
    public enum Kind: Sendable {
        /// What is asked for breaks a rule.
        case badRequest
        /// Nobody knows who asks.
        case unauthenticated
        /// Who asks may not.
        case forbidden
        /// It isn't there.
        case notFound
        /// It can't be done to this kind of thing.
        case notAllowed
        /// It is there already, or in another state than this takes.
        case conflict
        /// A store or vault failed.
        case failed
        /// It is done, and a reader has not confirmed that access was taken away.
        case unconfirmed
    }

    /// What kind of refusal it is.
    public let kind: Kind
    /// The service's code, as in `ResourceNotFound`.
    public let code: String
    /// What happened, to what, and what to do next.
    public let message: String

    /// A refusal.
    public init(_ kind: Kind, _ code: String, _ message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }
}
