internal import SluiceAccess
internal import SluiceNative

/// A private key as a vault's database holds it.
struct SealedPrivateKey: Sendable {
    /// 32 random bytes, which make the sealing key one that was never used before.
    let salt: [UInt8]
    /// The stored form of the key, sealed, with its tag.
    let bytes: [UInt8]
}

/// Private keys are sealed each under a key of its own, which is derived from the root key and a fresh 256-bit salt.
///
/// The associated data bind the vault, the key's name, its version and its public key: a sealed key opens
/// only in its own row, and the public key beside it, which wraps, is authenticated by opening it. What
/// is not bound is what changes (enabled, nbf, exp, operations, tags): whoever can write the vault's
/// files can put back an older copy of them in any case.
extension RootKey {
    /// Seals the stored form of a private key.
    func seal(
        _ stored: borrowing SecretBytes, as identifier: KeyIdentifier,
        _ publicKey: StoredPublicKey
    ) throws(VaultError) -> SealedPrivateKey {
        let doing = "sealing the private key of \(identifier)"
        let salt = try newSalt(while: doing)
        let binding = Self.binding(identifier, publicKey)
        let sealed = try stored.withBytes { stored throws(VaultError) in
            try seal(
                stored, for: .privateKey, salt: salt, authenticating: binding, while: doing)
        }
        return SealedPrivateKey(salt: salt, bytes: sealed)
    }

    /// The stored form of a private key.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    func open(
        _ sealed: SealedPrivateKey, as identifier: KeyIdentifier, _ publicKey: StoredPublicKey
    ) throws(VaultError) -> SecretBytes {
        let stored = try open(
            sealed.bytes, for: .privateKey, salt: sealed.salt,
            authenticating: Self.binding(identifier, publicKey),
            while: "opening the private key of \(identifier)")
        guard let stored else {
            throw VaultError(
                .damaged,
                "the private key of \(identifier) does not open: its vault was damaged, changed, or brought "
                    + "from under another root key", about: .key(identifier),
                remedies: [.restoreVaults])
        }
        return stored
    }

    // MARK: Private

    private static func binding(
        _ identifier: KeyIdentifier, _ publicKey: StoredPublicKey
    ) -> [UInt8] {
        FieldEncoding(
            Array(identifier.vault.utf8),
            // A key's name in another case is the same name.
            Array(identifier.name.lowercased().utf8),
            Array((identifier.version ?? "").utf8),
            Array(publicKey.kindName.utf8), publicKey.bytes
        ).bytes
    }
}
