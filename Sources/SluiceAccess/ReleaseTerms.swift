/// What something was released under, for whoever passes it on later: whether that holds still can be asked at any time. For
/// any thread.
package final class ReleaseTerms: Sendable {
    /// What the releases go through.
    package let gate: ReleaseGate
    private let renewal: @Sendable () throws(VaultError) -> UInt64

    /// - Parameter renewal: Asks the vaults anew, and gives the epoch in which it did.
    package init(
        _ gate: ReleaseGate, renewal: @escaping @Sendable () throws(VaultError) -> UInt64
    ) {
        self.gate = gate
        self.renewal = renewal
    }

    /// Asks the vaults anew, unless they were asked in the present epoch.
    ///
    /// - Returns: The epoch in which they were asked; an odd one must be asked for again.
    /// - Throws: Why it holds no more; or whatever kept a vault from answering.
    package func renew() throws(VaultError) -> UInt64 { try renewal() }
}
