/// Something in which two fingerprints differ.
public struct FingerprintDifference: Equatable, Sendable {
    private static let longestText = 64

    /// What it is called.
    public let name: String
    /// The value of the one; nothing if it has none.
    public let own: String?
    /// The value of the other.
    public let other: String?

    /// Both values for people. Of long ones stands what comes from the first word on that differs.
    public var excerpts: (own: String, other: String) {
        guard let own, let other else {
            return (Self.excerpt(own, from: 0), Self.excerpt(other, from: 0))
        }
        let common = zip(own, other).prefix { $0 == $1 }.map(\.0)
        let start = common.lastIndex(of: " ").map { $0 + 1 } ?? 0
        return (Self.excerpt(own, from: start), Self.excerpt(other, from: start))
    }

    private static func excerpt(_ text: String?, from start: Int) -> String {
        guard let text, !text.isEmpty else { return "nothing" }
        guard text.count > longestText else { return text }
        let rest = text.dropFirst(start)
        return (start > 0 ? "…" : "") + rest.prefix(longestText)
            + (rest.count > longestText ? "…" : "")
    }
}
