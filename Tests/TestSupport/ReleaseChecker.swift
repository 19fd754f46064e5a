/// Finds releases that should not have been: those between a revocation's return and the call that gave
/// access back.
///
/// All stamps are of one machine's monotonic clock, in nanoseconds. It doesn't matter who released what:
/// all readers use the access that is revoked.
public struct ReleaseChecker: Sendable {
    /// Each time without access: from the revocation's return to the call that gave it back.
    private var revoked: [ClosedRange<Int>] = []
    /// How many releases were looked at.
    public private(set) var releaseCount = 0
    /// How many of them happened when none may.
    public private(set) var violationCount = 0

    /// A checker that has looked at nothing yet.
    public init() {}

    /// Notes a time without access, later than those before.
    public mutating func revoke(_ time: ClosedRange<Int>) {
        precondition(revoked.last.map { $0.upperBound < time.lowerBound } ?? true)
        revoked.append(time)
    }

    /// Looks at one log's releases, in ascending order, none after the last time that was noted unless
    /// access was there then.
    public mutating func add(_ stamps: [Int]) {
        var rest = revoked[...]
        for stamp in stamps {
            while let first = rest.first, first.upperBound < stamp { rest.removeFirst() }
            if let first = rest.first, first.contains(stamp) { violationCount += 1 }
        }
        releaseCount += stamps.count
    }
}
