/// Who knows whether a grant holds still: asked when the epoch has moved.
public protocol GrantAuthority: Sendable {
    /// Asks the vault anew, in a read transaction that begins now, whether the identity may use the key
    /// version; never out of a cache.
    ///
    /// It leaves the grant's epoch alone, since the answer may be older than the epoch is by then: the
    /// caller sets the one that it had seen before it asked. Called outside of any slot, from any thread.
    ///
    /// - Throws: Why the grant holds no more; or whatever kept the vault from answering.
    func renew(_ grant: inout Grant) throws(VaultError)
}
