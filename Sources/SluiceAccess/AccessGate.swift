/// What every release of plaintext goes through: a copy into memory that the caller sees, entry into a
/// callback, a `write`, the link that makes a file appear, a COMMIT.
public protocol AccessGate: Sendable {
    /// Runs `act` while the grants hold.
    ///
    /// When access is taken away, `act` either has ended before that returns, or never begins. So
    /// `act` must be short and wait for nobody.
    ///
    /// - Parameter passage: The caller's own; the gate may renew its grants.
    /// - Throws: ``GateError/refused(_:)`` if a grant no longer holds; what `act` throws, as
    ///   ``GateError/act(_:)``.
    func release<Result: ~Copyable, Failure: Error>(
        _ passage: inout Passage, _ act: () throws(Failure) -> Result
    ) throws(GateError<Failure>) -> Result
}

/// Why a release failed.
public enum GateError<Failure: Error>: Error {
    /// A grant no longer holds; nothing was released.
    case refused(VaultError)
    /// The release itself failed.
    case act(Failure)

    /// The release's own error, or what `wrap` makes of the refusal.
    @inlinable
    public func merged(_ wrap: (VaultError) -> Failure) -> Failure {
        switch self {
        case .refused(let refusal): wrap(refusal)
        case .act(let failure): failure
        }
    }
}
