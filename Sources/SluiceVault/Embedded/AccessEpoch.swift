internal import Synchronization

/// Tells whether access may have changed since an answer was given: odd while a change is under way,
/// greater by two after each. Safe from any thread.
final class AccessEpoch: Sendable {
    private let value = Atomic<UInt64>(0)
    private let turn = Mutex(())

    /// The epoch now.
    var current: UInt64 { value.load(ordering: .sequentiallyConsistent) }

    /// Runs one change at a time; the epoch moves on even if it fails, for it may yet have happened.
    ///
    /// - Returns: What `commit` gave, and the epoch after it.
    func change<Result: Sendable>(
        _ commit: () throws(VaultError) -> Result
    ) throws(VaultError) -> (result: Result, epoch: UInt64) {
        try turn.withLock { _ throws(VaultError) in
            let odd = current + 1
            value.store(odd, ordering: .sequentiallyConsistent)
            defer { value.store(odd + 1, ordering: .sequentiallyConsistent) }
            return (try commit(), odd + 1)
        }
    }
}
