/// Finds releases that should not have been: those between a revocation's return and the call that gave
/// access back.
///
/// All stamps are of one machine's monotonic clock, in nanoseconds. It doesn't matter who released what:
/// all readers use the access that is revoked.
public struct ReleaseChecker: Sendable {
    /// Each time without access: from the revocation's return to the call that gave it back.
    private let revoked: [ClosedRange<Int>]
    /// How many releases were looked at.
    public private(set) var releaseCount = 0
    /// How many of them happened when none may.
    public private(set) var violationCount = 0

    /// Takes the times without access, in ascending order.
    public init(revoked: [ClosedRange<Int>]) {
        precondition(zip(revoked, revoked.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        self.revoked = revoked
    }

    /// Looks at one worker's releases, in ascending order.
    public mutating func add(_ stamps: [Int]) {
        var rest = revoked[...]
        for stamp in stamps {
            while let first = rest.first, first.upperBound < stamp { rest.removeFirst() }
            if let first = rest.first, first.contains(stamp) { violationCount += 1 }
        }
        releaseCount += stamps.count
    }
}
