internal import SluiceAccess
internal import SluiceNative

/// The two keys of a key version: the public one, which wraps, encrypts and verifies, and the private one, which does the
/// opposite.
///
/// Knows nothing of what the version may be used for, which changes. Safe from many threads at once.
final class KeyMaterial: Sendable {
    let identifier: KeyIdentifier
    let kind: KeyKind
    let privateKey: any HeldKey

    private let publicKey: PublicKey

    private enum PublicKey: Sendable {
        case rsa(RSAPublicKey)
        case elliptic(ECPublicKey)
    }

    /// The keys of a row.
    ///
    /// - Throws: `damaged` if the row is not as it was stored.
    convenience init(
        _ row: KeyVersionRow, as identifier: KeyIdentifier, rootKeys: RootKeys
    ) throws(VaultError) {
        let privateKey: any HeldKey
        switch row.privateKey {
        case .sealed(let sealed):
            privateKey = try SealedHeldKey(sealed, of: row, as: identifier, rootKeys: rootKeys)
        }
        try self.init(
            identifier, row.publicKey, privateKey: privateKey, library: rootKeys.current.library)
    }

    /// A public key that is known to belong to a private one.
    init(
        _ identifier: KeyIdentifier, _ publicKey: StoredPublicKey, privateKey: any HeldKey,
        library: CryptoLibrary
    ) throws(VaultError) {
        let (kind, numbers) = try publicKey.decoded(for: identifier)
        do {
            switch numbers {
            case .rsa(let modulus, let exponent):
                self.publicKey = .rsa(
                    try RSAPublicKey(modulus: modulus, exponent: exponent, library: library))
            case .elliptic(let x, let y):
                self.publicKey = .elliptic(
                    try ECPublicKey(kind.ellipticCurve ?? .p256, x: x, y: y, library: library))
            }
        } catch {
            throw VaultError(error, while: "loading the public key of \(identifier)")
        }
        self.identifier = identifier
        self.kind = kind
        self.privateKey = privateKey
    }

    // MARK: For stores

    /// Returns if stores may have data under the key.
    ///
    /// - Throws: `unsupportedKey`.
    func requireServesStores() throws(VaultError) {
        guard KeyKind.ofStores.contains(kind) else {
            let kinds = KeyKind.ofStores.map(\.rawValue).joined(separator: " or ")
            throw VaultError(
                .unsupportedKey,
                "\(identifier) is of the kind \(kind.rawValue), and data is encrypted at rest only under \(kinds)",
                about: .key(identifier),
                remedies: [
                    .other("make a key, or a version of this one, of the kind \(kinds)"),
                    .list(.keyVersions(identifier.versionless)),
                ])
        }
    }

    func wrap(_ secret: Span<UInt8>) throws(VaultError) -> WrappedKey {
        try requireServesStores()
        return WrappedKey(
            scheme: WrappedKey.rsaOAEP256, key: identifier,
            bytes: try encrypt(secret, .rsaOAEP256))
    }

    func unwrap(_ wrapped: [UInt8]) throws(VaultError) -> SecretBytes {
        try decrypt(wrapped.span, .rsaOAEP256)
    }

    // MARK: Operations

    /// - Throws: `invalidArgument` if the key can't encrypt so, or not so much.
    func encrypt(
        _ plaintext: Span<UInt8>, _ algorithm: EncryptionAlgorithm
    ) throws(VaultError) -> [UInt8] {
        guard case .rsa(let key) = publicKey else { throw unfit(algorithm.rawValue) }
        let longest = key.longestSecretByteCount(algorithm.padding)
        guard plaintext.count <= longest else {
            throw VaultError(
                .invalidArgument,
                "\(plaintext.count) bytes are too long to be encrypted under \(identifier), which takes at most "
                    + "\(longest) with \(algorithm.rawValue)", about: .key(identifier))
        }
        do {
            return try key.encrypt(plaintext, algorithm.padding)
        } catch {
            throw VaultError(error, while: "encrypting under \(identifier)")
        }
    }

    /// - Throws: `invalidArgument` if the key can't decrypt so; `unwrapFailed`.
    func decrypt(
        _ encrypted: Span<UInt8>, _ algorithm: EncryptionAlgorithm
    ) throws(VaultError) -> SecretBytes {
        guard case .rsa = publicKey else { throw unfit(algorithm.rawValue) }
        return try privateKey.decrypt(encrypted, algorithm)
    }

    /// - Throws: `invalidArgument` if the key can't sign so, or the digest has another length.
    func sign(
        _ digest: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(VaultError) -> [UInt8] {
        try require(digest, algorithm)
        return try privateKey.sign(digest, algorithm)
    }

    /// - Throws: As ``sign(_:_:)``; a signature of whatever length is one or none.
    func verify(
        _ signature: Span<UInt8>, of digest: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(VaultError) -> Bool {
        try require(digest, algorithm)
        do {
            return switch publicKey {
            case .rsa(let key):
                try key.verify(signature, of: digest, algorithm.digest, algorithm.padding)
            case .elliptic(let key): try key.verify(signature, of: digest)
            }
        } catch {
            throw VaultError(error, while: "verifying with \(identifier)")
        }
    }

    private func require(
        _ digest: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(VaultError) {
        guard algorithm.kind == (kind.curve == nil ? nil : kind) else {
            throw unfit(algorithm.rawValue)
        }
        guard digest.count == algorithm.digestByteCount else {
            throw VaultError(
                .invalidArgument,
                "\(algorithm.rawValue) signs digests of \(algorithm.digestByteCount) bytes, not of \(digest.count)",
                about: .key(identifier))
        }
    }

    private func unfit(_ algorithm: String) -> VaultError {
        VaultError(
            .invalidArgument,
            "\(identifier), of the kind \(kind.rawValue), can't be used with \(algorithm)",
            about: .key(identifier), remedies: [.other("name an algorithm of that kind")])
    }
}
