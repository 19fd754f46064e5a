internal import SluiceAccess
internal import SluiceNative

/// The root keys that open what is in the vaults of a directory: one; two while it is changed for another.
struct RootKeys: Sendable {
    /// What is sealed from now on is sealed under this one.
    let current: RootKey
    /// While the root key is being changed: what was not sealed anew yet is under this one.
    var former: RootKey?

    /// All of them, the current one first.
    var all: [RootKey] { [current] + (former.map { [$0] } ?? []) }

    /// The one that opens a private key.
    ///
    /// - Throws: `damaged` if none does.
    func opening(
        _ sealed: SealedPrivateKey, as identifier: KeyIdentifier, _ publicKey: StoredPublicKey
    ) throws(VaultError) -> RootKey {
        do throws(VaultError) {
            _ = try current.open(sealed, as: identifier, publicKey)
            return current
        } catch {
            guard error.code == .damaged, let former else { throw error }
            _ = try former.open(sealed, as: identifier, publicKey)
            return former
        }
    }

    /// The same private key under the current root key; nil if it is under that already.
    ///
    /// - Throws: `damaged` if none opens it.
    func renewed(
        _ sealed: SealedPrivateKey, as identifier: KeyIdentifier, _ publicKey: StoredPublicKey
    ) throws(VaultError) -> SealedPrivateKey? {
        let owner = try opening(sealed, as: identifier, publicKey)
        guard owner !== current else { return nil }
        let stored = try owner.open(sealed, as: identifier, publicKey)
        return try current.seal(stored, as: identifier, publicKey)
    }

    /// The one that vouches for an anchor.
    ///
    /// - Throws: `damaged` if none does.
    func vouching(
        for authentication: [UInt8], vault: String, store: [UInt8], scope: [UInt8],
        commitment: [UInt8]
    ) throws(VaultError) -> RootKey {
        for rootKey in all {
            let expected = try rootKey.authenticateAnchor(
                vault: vault, store: store, scope: scope, commitment: commitment)
            if constantTimeEqual(expected.span, authentication.span) { return rootKey }
        }
        throw VaultError(
            .damaged, "an anchor in the vault '\(vault)' was not written by it",
            about: .vault(vault), remedies: [.restoreVaults])
    }
}
