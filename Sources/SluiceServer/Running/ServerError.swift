/// Why a server can't start, or isn't what it should be.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, to what, and what to do next.
    public let description: String

    package init(_ description: String) { self.description = description }
}
