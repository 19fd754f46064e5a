internal import SluiceAccess

/// What a catalog's COMMIT runs inside of: it is a release, see "The read barrier" in the DESIGN article. Thread-safe.
protocol CommitPermit: Sendable {
    /// Runs `commit` if all of `needs` are granted, and while they are.
    func release<Value, Failure: Error>(
        under needs: Set<KeyUse>, _ commit: () throws(Failure) -> Value
    ) throws(GateError<Failure>) -> Value

    /// Why a need isn't granted now; nil if it is.
    func refusal(of need: KeyUse) -> VaultError?
}
