internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// The two keys of a key version: authenticated, the private one loaded when first needed.
///
/// Knows nothing of what the version may be used for, which changes. Safe from many threads at once;
/// after first use a wrap or unwrap costs the RSA operation and a lock that is held for an instant.
final class KeyMaterial: Sendable {
    let identifier: KeyIdentifier

    private let publicKey: RSAPublicKey
    private let sealed: SealedPrivateKey
    private let privateKey = Mutex<RSAPrivateKey?>(nil)
    private let rootKey: RootKey

    /// Takes a row over, having opened its private key: so the public key is the right one too.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    init(
        _ row: KeyVersionRow, as identifier: KeyIdentifier, rootKey: RootKey
    ) throws(VaultError) {
        _ = try rootKey.open(
            row.sealed, as: identifier, modulus: row.modulus, exponent: row.exponent)
        do {
            publicKey = try RSAPublicKey(
                modulus: row.modulus, exponent: row.exponent, library: rootKey.library)
        } catch {
            throw VaultError(error, while: "loading the public key of \(identifier)")
        }
        self.identifier = identifier
        self.rootKey = rootKey
        sealed = row.sealed
    }

    func wrap(_ secret: Span<UInt8>) throws(VaultError) -> WrappedKey {
        guard secret.count <= RSAPublicKey.longestSecretByteCount else {
            throw VaultError(
                .invalidArgument,
                "\(secret.count) bytes are too long to be wrapped under \(identifier), which takes at most "
                    + "\(RSAPublicKey.longestSecretByteCount)", about: .key(identifier))
        }
        do {
            return WrappedKey(
                scheme: WrappedKey.rsaOAEP256, key: identifier, bytes: try publicKey.wrap(secret))
        } catch {
            throw VaultError(error, while: "wrapping under \(identifier)")
        }
    }

    func unwrap(_ wrapped: [UInt8]) throws(VaultError) -> SecretBytes {
        let key = try loadedPrivateKey()
        do {
            return try key.unwrap(wrapped.span)
        } catch {
            guard error != .unwrapFailed else {
                throw VaultError(
                    .unwrapFailed,
                    "what should be a key wrapped under \(identifier) was damaged, or wrapped under another key",
                    about: .key(identifier))
            }
            throw VaultError(error, while: "unwrapping under \(identifier)")
        }
    }

    /// Wipes the private key, once the operations in flight with it have ended.
    func forgetPrivateKey() { privateKey.withLock { $0 = nil } }

    /// Whether the private key is in memory, opened.
    var isPrivateKeyLoaded: Bool { privateKey.withLock { $0 != nil } }

    private func loadedPrivateKey() throws(VaultError) -> RSAPrivateKey {
        try privateKey.withLock { known throws(VaultError) in
            if let known { return known }
            let stored = try rootKey.open(
                sealed, as: identifier, modulus: publicKey.modulus, exponent: publicKey.exponent)
            do throws(CryptoError) {
                let key = try stored.withBytes { stored throws(CryptoError) in
                    try RSAPrivateKey(storedForm: stored, library: rootKey.library)
                }
                known = key
                return key
            } catch {
                throw VaultError(error, while: "loading the private key of \(identifier)")
            }
        }
    }
}
