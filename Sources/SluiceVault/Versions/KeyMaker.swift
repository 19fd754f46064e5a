internal import SluiceAccess
internal import SluiceNative

/// Makes key versions: generates them or reads them from PEM, seals them, and adds them to a vault's tables.
final class KeyMaker: Sendable {
    private let context: VaultContext

    init(_ context: VaultContext) { self.context = context }

    /// A new version as it is to be stored, with a new private key. It takes long.
    func generate(
        _ key: KeyIdentifier, _ tags: [String: String] = [:],
        _ settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyVersionRow {
        let privateKey: RSAPrivateKey
        do { privateKey = try RSAPrivateKey.generate(context.library) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        return try seal(privateKey, as: key, tags, settings)
    }

    /// A new version as it is to be stored, of a private key of the caller's.
    ///
    /// - Throws: `unsupportedKey`, `malformedKey`.
    func `import`(
        pem: Span<UInt8>, as key: KeyIdentifier, _ tags: [String: String], _ settings: KeySettings
    ) throws(VaultError) -> KeyVersionRow {
        try seal(try privateKey(pem: pem, for: key), as: key, tags, settings)
    }

    /// Adds a version that takes after the newest one.
    static func insert(
        _ made: KeyVersionRow, after latest: KeyVersionRow, _ tables: VaultTables
    ) throws(DatabaseError) -> KeyVersionRow {
        let expiry = try tables.rotationPolicy(of: latest.name)?.attributes.expiryTime
        let row = KeyVersionRow(
            name: latest.name, version: made.version, modulus: made.modulus,
            exponent: made.exponent, operations: latest.operations, isEnabled: true,
            notBeforeSeconds: nil,
            expiresSeconds: expiry.map { $0.added(toSeconds: made.createdSeconds) },
            createdSeconds: made.createdSeconds, updatedSeconds: made.updatedSeconds,
            privateKey: made.privateKey, tags: latest.tags, isRetiring: false)
        try tables.insert(row)
        return row
    }

    // MARK: Private

    private func privateKey(
        pem: Span<UInt8>, for key: KeyIdentifier
    ) throws(VaultError) -> RSAPrivateKey {
        do {
            return try RSAPrivateKey(pem: pem, library: context.library)
        } catch .unsupportedKey(let reason) {
            throw VaultError(.unsupportedKey, "can't import \(key): \(reason)", about: .key(key))
        } catch .malformedKey(let reason) {
            throw VaultError(
                .malformedKey, "can't import \(key): \(reason)", about: .key(key),
                remedies: [
                    .other(
                        "import a PEM file that holds one unencrypted RSA private key of 2048 bits")
                ])
        } catch {
            throw VaultError(error, while: "importing \(key)")
        }
    }

    private func seal(
        _ privateKey: RSAPrivateKey, as key: KeyIdentifier, _ tags: [String: String],
        _ settings: KeySettings
    ) throws(VaultError) -> KeyVersionRow {
        let random: [UInt8]
        do { random = try context.library.randomBytes(byteCount: 16) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        let version = String(hexadecimal: random)
        let now = try context.presentTime().seconds
        let sealed = try context.rootKey.key().seal(privateKey, as: try key.versioned(version))
        return KeyVersionRow(
            name: key.name, version: version, modulus: privateKey.publicKey.modulus,
            exponent: privateKey.publicKey.exponent, operations: settings.operations,
            isEnabled: settings.isEnabled, notBeforeSeconds: settings.notBeforeSeconds,
            expiresSeconds: settings.expiresSeconds, createdSeconds: now, updatedSeconds: now,
            privateKey: .sealed(sealed), tags: tags, isRetiring: false)
    }
}
