internal import SluiceAccess
internal import Synchronization

/// Whether a read may go on, for its workers to look at before each chunk: what they open and write on the way
/// to a release passes no gate.
///
/// A look costs nanoseconds; only if the epoch has moved the vault is asked again. Thread-safe.
final class ReadStanding: Sendable {
    /// What the read's releases are under.
    let terms: ReleaseTerms
    /// The same as the terms', which a look has to reach fast.
    private let gate: ReleaseGate
    /// Of which the grants are; odd before the first look.
    private let epoch = Atomic<UInt64>(.max)

    /// The standing of a read that has just been granted.
    init(_ terms: ReleaseTerms) {
        self.terms = terms
        gate = terms.gate
    }

    /// Throws ``StoreError/Code/accessDenied`` once the access is taken away.
    @inline(__always)
    func check() throws(StoreError) {
        let now = gate.epoch
        if now == epoch.load(ordering: .relaxed), now & 1 == 0 { return }
        try renew()
    }

    @inline(never)
    private func renew() throws(StoreError) {
        do throws(VaultError) {
            epoch.store(try terms.renew(), ordering: .relaxed)
        } catch {
            throw StoreError(vault: error, "read")
        }
    }
}
