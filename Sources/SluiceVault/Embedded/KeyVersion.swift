internal import SluiceNative
internal import Synchronization

/// A key version in use: authenticated, its private key loaded when first needed.
///
/// Safe from many threads at once; after first use a wrap or unwrap costs the RSA operation and a lock
/// that is held for an instant.
final class KeyVersion: Sendable {
    let identifier: KeyIdentifier
    let row: KeyVersionRow
    let operations: [KeyOperation]

    private let publicKey: RSAPublicKey
    private let privateKey = Mutex<RSAPrivateKey?>(nil)
    private let rootKey: RootKey

    /// Takes a row over, having opened its private key: so the public key is the right one too.
    ///
    /// - Throws: `damaged` if the row is not as it was sealed.
    init(_ row: KeyVersionRow, in vault: Vault, rootKey: RootKey) throws(VaultError) {
        let identifier = try row.identifier(in: vault)
        _ = try rootKey.open(
            row.sealed, as: identifier, modulus: row.modulus, exponent: row.exponent)
        do {
            publicKey = try RSAPublicKey(
                modulus: row.modulus, exponent: row.exponent, library: rootKey.library)
        } catch {
            throw VaultError(error, while: "loading the public key of \(identifier)")
        }
        self.identifier = identifier
        self.row = row
        self.rootKey = rootKey
        operations = row.keyOperations
    }

    var description: KeyDescription {
        KeyDescription(
            identifier: identifier, modulus: row.modulus, exponent: row.exponent,
            isEnabled: row.isEnabled, notBeforeSeconds: row.notBeforeSeconds,
            expiresSeconds: row.expiresSeconds, createdSeconds: row.createdSeconds)
    }

    // MARK: Operations

    func wrap(_ secret: Span<UInt8>) throws(VaultError) -> WrappedKey {
        guard secret.count <= RSAPublicKey.longestSecretByteCount else {
            throw VaultError(
                .invalidArgument,
                "\(secret.count) bytes are too long to be wrapped under \(identifier): it takes at "
                    + "most \(RSAPublicKey.longestSecretByteCount)")
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
                    "what should be a key wrapped under \(identifier) is not: it was damaged, or "
                        + "wrapped under another key")
            }
            throw VaultError(error, while: "unwrapping under \(identifier)")
        }
    }

    private func loadedPrivateKey() throws(VaultError) -> RSAPrivateKey {
        try privateKey.withLock { known throws(VaultError) in
            if let known { return known }
            let stored = try rootKey.open(
                row.sealed, as: identifier, modulus: row.modulus, exponent: row.exponent)
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

    // MARK: Use

    /// Returns if this version may be used for an operation now, whoever asks.
    func checkUsable(
        for operation: KeyOperation, _ clock: any VaultClock
    ) throws(VaultError) {
        guard row.isEnabled else { throw .disabled(identifier) }
        guard KeyOperation.ofKeys.contains(operation) else { return }
        guard operations.contains(operation) else {
            throw VaultError(
                .operationNotPermitted,
                "\(identifier) may not be used for \(operation.rawValue): it was made for "
                    + operations.map(\.rawValue).joined(separator: ", ")
                    + "; use another key or version")
        }
        guard operation.bindsNewData else { return }
        if let seconds = row.notBeforeSeconds, clock.nowSeconds() < seconds {
            throw VaultError(
                .keyNotYetValid,
                "\(identifier) takes new data only from \(seconds) s after 1970 on (nbf): use "
                    + "another version until then")
        }
        if let seconds = row.expiresSeconds, clock.nowSeconds() >= seconds {
            throw VaultError(
                .keyExpired,
                "\(identifier) takes no new data since \(seconds) s after 1970 (exp), though what "
                    + "it has wrapped can be read: make a new version with `sluice keyvault key "
                    + "create --vault-name \(identifier.vault) --name \(identifier.name)`")
        }
    }
}

extension VaultError {
    static func disabled(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .keyDisabled,
            "\(key) is disabled: what it has wrapped can't be read until it is enabled; for new data "
                + "use a version that is, see `sluice keyvault key list-versions --vault-name "
                + "\(key.vault) --name \(key.name)`")
    }
}
