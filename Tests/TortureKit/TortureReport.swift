/// What a torture did and found.
public struct TortureReport: Sendable {
    /// What it counted, the first being what the plan's count is about: `(100000, "states")`.
    public private(set) var counts: [(count: Int, what: String)] = []
    /// What went wrong, a line each, with what repeats it; at most 20 are kept.
    public private(set) var failures: [String] = []
    /// How much went wrong.
    public private(set) var failureCount = 0

    /// A report of nothing.
    public init() {}

    /// Counts.
    public mutating func count(_ what: String, _ count: Int = 1) {
        if let index = counts.firstIndex(where: { $0.what == what }) {
            counts[index].count += count
        } else {
            counts.append((count, what))
        }
    }

    /// Notes something that went wrong.
    public mutating func fail(_ failure: String) {
        failureCount += 1
        if failures.count < 20 { failures.append(failure) }
    }

    /// Adds another part's report.
    public mutating func add(_ other: TortureReport) {
        for (number, what) in other.counts { count(what, number) }
        for failure in other.failures.prefix(20 - failures.count) { failures.append(failure) }
        failureCount += other.failureCount
    }

    /// What was counted, as in "100000 states, 5000 crashes during recovery".
    public var summary: String {
        counts.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
    }
}
