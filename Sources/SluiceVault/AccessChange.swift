/// What became of a change of access: it stands, and who has confirmed it.
public struct AccessChange<Result: Sendable>: Sendable {
    /// What the change gave.
    public let result: Result
    /// The epoch since which it holds: a grant of this epoch or a later one knows of it.
    public let epoch: UInt64
    /// The processes that have not confirmed the change before the deadline; empty if it is complete.
    ///
    /// They may still release what they began to release before it.
    public let unconfirmedProcessIDs: [Int32]
    /// How long the change took to become durable, in nanoseconds.
    public let commitNanoseconds: Int
    /// How long the readers took to confirm after that, in nanoseconds.
    public let barrierNanoseconds: Int

    /// Whether every reader has confirmed.
    public var isConfirmed: Bool { unconfirmedProcessIDs.isEmpty }

    /// The same change, with another result.
    func map<Mapped: Sendable>(
        _ transform: (Result) throws(VaultError) -> Mapped
    ) throws(VaultError) -> AccessChange<Mapped> {
        AccessChange<Mapped>(
            result: try transform(result), epoch: epoch,
            unconfirmedProcessIDs: unconfirmedProcessIDs, commitNanoseconds: commitNanoseconds,
            barrierNanoseconds: barrierNanoseconds)
    }
}
