/// The gate of a key service's grants: a release happens while they hold, by the service's barrier or lease.
///
/// When the epoch has moved the grants are renewed first; those in the passage then bear the new epoch, for the
/// caller to keep. A class, so that a release copies a reference, not all that `authority` refers to.
public final class GrantGate<Authority: PassageAuthority>: AccessGate {
    /// What the releases go through.
    public let gate: ReleaseGate

    @usableFromInline let authority: Authority

    /// Makes a gate that asks `authority` again for grants of another epoch.
    public init(_ gate: ReleaseGate, _ authority: Authority) {
        self.gate = gate
        self.authority = authority
    }

    /// See ``AccessGate/release(_:_:)``; refused with `closed` once the key service was closed.
    @inlinable
    public func release<Result: ~Copyable, Failure: Error>(
        _ passage: inout Passage, _ act: () throws(Failure) -> Result
    ) throws(GateError<Failure>) -> Result {
        switch gate {
        case .barrier(let barrier):
            return try barrier.release(&passage, authority, act)
        case .lease(let lease):
            do throws(VaultError) {
                try lease.enter(&passage, authority)
            } catch {
                throw .refused(error)
            }
            do throws(Failure) { return try act() } catch { throw .act(error) }
        }
    }

    /// Renews the grants of a passage if the epoch has moved, and releases nothing: for who prepares a release that
    /// comes later, and is to stop once it would be refused.
    ///
    /// - Throws: The refusal if a grant no longer holds; `closed`.
    public func renew(_ passage: inout Passage) throws(VaultError) {
        switch gate {
        case .barrier(let barrier): try barrier.renew(&passage, authority)
        case .lease(let lease): try lease.enter(&passage, authority)
        }
    }
}
