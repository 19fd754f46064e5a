/// The gate of vaults whose access can be taken away: a release happens in a slot of their barrier, under
/// grants of the present epoch.
///
/// When the epoch has moved, and as long as a change is under way, the grants are renewed first; those in
/// the passage then bear the new epoch, for the caller to keep.
public struct BarrierGate<Authority: PassageAuthority>: AccessGate {
    /// The barrier of the vaults that gave the grants.
    public let barrier: ReadBarrier

    @usableFromInline let authority: Authority

    /// Makes the gate of a barrier, which asks `authority` again for grants of another epoch.
    public init(_ barrier: ReadBarrier, _ authority: Authority) {
        self.barrier = barrier
        self.authority = authority
    }

    /// See ``AccessGate/release(_:_:)``; refused with `closed` if the barrier was closed.
    @inlinable
    public func release<Result: ~Copyable, Failure: Error>(
        _ passage: inout Passage, _ act: () throws(Failure) -> Result
    ) throws(GateError<Failure>) -> Result {
        try barrier.release(&passage, authority, act)
    }

    /// Renews the grants of a passage if the epoch has moved, and releases nothing: for who prepares a
    /// release that comes later, and is to stop once it would be refused.
    ///
    /// - Throws: The refusal if a grant no longer holds; `closed` if the barrier was closed.
    public func renew(_ passage: inout Passage) throws(VaultError) {
        try barrier.renew(&passage, authority)
    }
}
