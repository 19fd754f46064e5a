internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A private key that is sealed under the vaults' root key: opened when it is first needed, and from then on it
/// takes the RSA operation and a lock that is held for an instant.
final class SealedUnwrappingKey: UnwrappingKey {
    private let identifier: KeyIdentifier
    private let modulus: [UInt8]
    private let exponent: [UInt8]
    private let sealed: SealedPrivateKey
    private let rootKey: RootKey
    private let opened = Mutex<RSAPrivateKey?>(nil)

    /// Takes a row over, having opened its private key: so the public key in it is the right one too.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    init(
        _ sealed: SealedPrivateKey, of row: KeyVersionRow, as identifier: KeyIdentifier,
        rootKeys: RootKeys
    ) throws(VaultError) {
        rootKey = try rootKeys.opening(
            sealed, as: identifier, modulus: row.modulus, exponent: row.exponent)
        self.identifier = identifier
        modulus = row.modulus
        exponent = row.exponent
        self.sealed = sealed
    }

    func unwrap(_ wrapped: Span<UInt8>) throws(VaultError) -> SecretBytes {
        let key = try loaded()
        do {
            return try key.unwrap(wrapped)
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

    func forget() { opened.withLock { $0 = nil } }

    var isLoaded: Bool { opened.withLock { $0 != nil } }

    private func loaded() throws(VaultError) -> RSAPrivateKey {
        try opened.withLock { known throws(VaultError) in
            if let known { return known }
            let stored = try rootKey.open(
                sealed, as: identifier, modulus: modulus, exponent: exponent)
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
