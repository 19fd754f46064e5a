/// What became of a change of access: it stands, and who has confirmed it.
public struct AccessChange<Result: Sendable>: Sendable {
    /// What the change gave.
    public let result: Result
    /// Who has confirmed it, and how long that took.
    public let confirmation: BarrierConfirmation

    package init(result: Result, _ confirmation: BarrierConfirmation) {
        self.result = result
        self.confirmation = confirmation
    }

    /// The epoch since which it holds: a grant of this epoch or a later one knows of it.
    public var epoch: UInt64 { confirmation.epoch }

    /// Whether every reader has confirmed.
    public var isConfirmed: Bool { confirmation.isConfirmed }

    /// The same change, with another result.
    package func map<Mapped: Sendable>(
        _ transform: (Result) throws(VaultError) -> Mapped
    ) throws(VaultError) -> AccessChange<Mapped> {
        AccessChange<Mapped>(result: try transform(result), confirmation)
    }
}
