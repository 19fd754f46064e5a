internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A private key that is sealed under the vaults' root key: opened when it is first needed, and from then on it
/// takes the RSA operation and a lock that is held for an instant.
final class SealedHeldKey: HeldKey {
    private let identifier: KeyIdentifier
    private let publicKey: StoredPublicKey
    private let sealed: SealedPrivateKey
    private let rootKey: RootKey
    private let opened = Mutex<PrivateKey?>(nil)

    /// Takes a row over, having opened its private key: so the public key in it is the right one too.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    init(
        _ sealed: SealedPrivateKey, of row: KeyVersionRow, as identifier: KeyIdentifier,
        rootKeys: RootKeys
    ) throws(VaultError) {
        rootKey = try rootKeys.opening(sealed, as: identifier, row.publicKey)
        self.identifier = identifier
        publicKey = row.publicKey
        self.sealed = sealed
    }

    func decrypt(
        _ encrypted: Span<UInt8>, _ algorithm: EncryptionAlgorithm
    ) throws(VaultError) -> SecretBytes {
        guard case .rsa(let key) = try loaded() else { throw .otherKind(identifier) }
        do {
            return try key.decrypt(encrypted, algorithm.padding)
        } catch {
            guard error != .unwrapFailed else {
                throw VaultError(
                    .unwrapFailed,
                    "what should be wrapped or encrypted under \(identifier) was damaged, or is under another key "
                        + "or algorithm", about: .key(identifier))
            }
            throw VaultError(error, while: "decrypting under \(identifier)")
        }
    }

    func sign(
        _ digest: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(VaultError) -> [UInt8] {
        let key = try loaded()
        do {
            return switch key {
            case .rsa(let key): try key.sign(digest, algorithm.digest, algorithm.padding)
            case .elliptic(let key): try key.sign(digest)
            }
        } catch {
            throw VaultError(error, while: "signing with \(identifier)")
        }
    }

    func forget() { opened.withLock { $0 = nil } }

    var isLoaded: Bool { opened.withLock { $0 != nil } }

    private func loaded() throws(VaultError) -> PrivateKey {
        try opened.withLock { known throws(VaultError) in
            if let known { return known }
            let stored = try rootKey.open(sealed, as: identifier, publicKey)
            do throws(CryptoError) {
                let key = try stored.withBytes { stored throws(CryptoError) in
                    try PrivateKey(storedForm: stored, library: rootKey.library)
                }
                known = key
                return key
            } catch {
                throw VaultError(error, while: "loading the private key of \(identifier)")
            }
        }
    }
}

extension VaultError {
    /// A private key of another kind than its public key, which authenticating it has ruled out.
    fileprivate static func otherKind(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .damaged, "the private key of \(key) is of another kind than its public key",
            about: .key(key), remedies: [.restoreVaults])
    }
}
