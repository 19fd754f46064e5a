/// What is known of the readers after a change of access.
public struct BarrierConfirmation: Sendable, Equatable {
    /// The epoch that began with the change.
    public let epoch: UInt64

    /// Whether nobody releases anything any more that was allowed before, in any process.
    public let isConfirmed: Bool

    /// The processes that didn't confirm before the deadline, in ascending order: stopped ones, or ones
    /// that are too slow. May lack some, so it says nothing if it is empty: ask ``isConfirmed``.
    public let unconfirmedProcessIDs: [Int32]

    /// Likewise those of another process namespace, such as a container's, by the ids that they have there.
    public let unconfirmedElsewhere: [Int32]

    /// How long making the change durable took, in nanoseconds.
    public let commitNanoseconds: Int

    /// How long the readers took to confirm, in nanoseconds.
    public let waitNanoseconds: Int
}

/// Why a change of access failed.
public enum ChangeError<Failure: Error>: Error {
    /// The barrier couldn't be used; nothing was changed.
    case barrier(VaultError)
    /// The change itself failed. Whether it was made or not, everyone asks the vault again.
    case commit(Failure)

    /// The change's own error, or what `wrap` makes of the barrier's.
    public func merged(_ wrap: (VaultError) -> Failure) -> Failure {
        switch self {
        case .barrier(let error): wrap(error)
        case .commit(let failure): failure
        }
    }
}
