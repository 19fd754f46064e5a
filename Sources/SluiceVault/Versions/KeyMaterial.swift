internal import SluiceAccess
internal import SluiceNative

/// The two keys of a key version: the public one, which wraps, and what unwraps with the private one.
///
/// Knows nothing of what the version may be used for, which changes. Safe from many threads at once.
final class KeyMaterial: Sendable {
    let identifier: KeyIdentifier
    let privateKey: any UnwrappingKey

    private let publicKey: RSAPublicKey

    /// The keys of a row.
    ///
    /// - Throws: `damaged` if the row is not as it was stored.
    convenience init(
        _ row: KeyVersionRow, as identifier: KeyIdentifier, rootKeys: RootKeys
    ) throws(VaultError) {
        let privateKey: any UnwrappingKey
        switch row.privateKey {
        case .sealed(let sealed):
            privateKey = try SealedUnwrappingKey(
                sealed, of: row, as: identifier, rootKeys: rootKeys)
        }
        try self.init(
            identifier, modulus: row.modulus, exponent: row.exponent, privateKey: privateKey,
            library: rootKeys.current.library)
    }

    /// A public key that is known to belong to what unwraps.
    init(
        _ identifier: KeyIdentifier, modulus: [UInt8], exponent: [UInt8],
        privateKey: any UnwrappingKey, library: CryptoLibrary
    ) throws(VaultError) {
        do {
            publicKey = try RSAPublicKey(modulus: modulus, exponent: exponent, library: library)
        } catch {
            throw VaultError(error, while: "loading the public key of \(identifier)")
        }
        self.identifier = identifier
        self.privateKey = privateKey
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
        try privateKey.unwrap(wrapped.span)
    }
}
