internal import SluiceAccess
internal import SluiceNative

/// A private key as a vault's database holds it.
struct SealedPrivateKey: Sendable {
    /// 32 random bytes, which make the sealing key one that was never used before.
    let salt: [UInt8]
    /// The stored form of the key, sealed, with its tag.
    let bytes: [UInt8]
}

/// Private keys are sealed with AES-256-GCM, each under a key of its own that is derived from the root key
/// and a fresh 256-bit salt. So the nonce can be constant, and no two processes can ever repeat one.
///
/// The associated data bind the vault, the key's name, its version and its public key: a sealed key opens
/// only in its own row, and the public key beside it, which wraps, is authenticated by opening it. What
/// is not bound is what changes (enabled, nbf, exp, operations, tags): whoever can write the vault's
/// files can put back an older copy of them in any case.
extension RootKey {
    func seal(
        _ key: RSAPrivateKey, as identifier: KeyIdentifier
    ) throws(VaultError) -> SealedPrivateKey {
        let doing = "sealing the private key of \(identifier)"
        let salt: [UInt8]
        do { salt = try library.randomBytes(byteCount: 32) } catch {
            throw VaultError(error, while: doing)
        }
        let sealingKey = try derive(.privateKey, salt: salt)
        let binding = Self.binding(identifier, key.publicKey.modulus, key.publicKey.exponent)
        do throws(CryptoError) {
            let stored = key.storedForm()
            var sealed = [UInt8](repeating: 0, count: stored.byteCount + AES256GCM.tagByteCount)
            var output = sealed.mutableSpan
            var cipher = try AES256GCM(library)
            try sealingKey.withBytes { key throws(CryptoError) in try cipher.setKey(key) }
            try stored.withBytes { stored throws(CryptoError) in
                try cipher.seal(
                    stored, nonce: Self.nonce, authenticating: binding.span, into: &output)
            }
            return SealedPrivateKey(salt: salt, bytes: sealed)
        } catch {
            throw VaultError(error, while: doing)
        }
    }

    /// The stored form of a private key.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    func open(
        _ sealed: SealedPrivateKey, as identifier: KeyIdentifier, modulus: [UInt8],
        exponent: [UInt8]
    ) throws(VaultError) -> SecretBytes {
        let sealingKey = try derive(.privateKey, salt: sealed.salt)
        let binding = Self.binding(identifier, modulus, exponent)
        let storedByteCount = sealed.bytes.count - AES256GCM.tagByteCount
        do throws(CryptoError) {
            guard storedByteCount > 0 else { throw .authenticationFailed }
            var stored = SecretBytes(byteCount: storedByteCount)
            var cipher = try AES256GCM(library)
            try sealingKey.withBytes { key throws(CryptoError) in try cipher.setKey(key) }
            try stored.withMutableBytes { stored throws(CryptoError) in
                try cipher.open(
                    sealed.bytes.span, nonce: Self.nonce, authenticating: binding.span,
                    into: &stored)
            }
            return stored
        } catch {
            guard error != .authenticationFailed else {
                throw VaultError(
                    .damaged,
                    "the private key of \(identifier) does not open: its vault was damaged, changed, or brought "
                        + "from under another root key", about: .key(identifier),
                    remedies: [.restoreVaults])
            }
            throw VaultError(error, while: "opening the private key of \(identifier)")
        }
    }

    // MARK: Private

    /// Constant, since every sealing key is used once.
    private static let nonce = Nonce96(repeating: 0)

    private static func binding(
        _ identifier: KeyIdentifier, _ modulus: [UInt8], _ exponent: [UInt8]
    ) -> [UInt8] {
        FieldEncoding(
            Array(identifier.vault.utf8),
            // A key's name in another case is the same name.
            Array(identifier.name.lowercased().utf8),
            Array((identifier.version ?? "").utf8),
            modulus, exponent
        ).bytes
    }
}
