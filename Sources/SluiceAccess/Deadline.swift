internal import SluiceNative

/// The moment until which a caller waits for a vault, on the monotonic clock.
public struct Deadline: Hashable, Sendable {
    private let monotonicNanoseconds: Int

    /// Waits as long as it takes.
    public static let none = Deadline(monotonicNanoseconds: .max)

    /// A moment so many seconds from now; more than 100 years are none.
    public static func seconds(_ seconds: Double) -> Deadline {
        guard seconds < 3_155_760_000 else { return .none }
        let wait = Int(max(0, seconds) * 1e9)
        return Deadline(monotonicNanoseconds: MonotonicClock.nowNanoseconds + wait)
    }

    /// Whether the moment has come; costs nothing where there is none.
    public var hasPassed: Bool {
        monotonicNanoseconds != .max && MonotonicClock.nowNanoseconds >= monotonicNanoseconds
    }

    /// Returns while the moment has not come.
    ///
    /// - Throws: `deadlineExceeded`.
    public func check() throws(VaultError) {
        guard hasPassed else { return }
        throw VaultError(
            .deadlineExceeded, "the key vault did not answer before the deadline",
            remedies: [.other("try again, or allow more time")])
    }
}
