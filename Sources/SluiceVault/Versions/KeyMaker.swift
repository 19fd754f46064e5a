internal import SluiceAccess
internal import SluiceNative

/// A key version that is yet to be added to a vault, and the root key that it was sealed under.
struct MadeVersion: Sendable {
    let row: KeyVersionRow
    let rootKey: RootKey
}

/// Makes key versions: generates them or reads them from PEM, seals them, and adds them to a vault's tables.
final class KeyMaker: Sendable {
    private let context: VaultContext

    init(_ context: VaultContext) { self.context = context }

    /// A new version as it is to be stored, with a new private key. It takes long.
    func generate(
        _ key: KeyIdentifier, _ kind: KeyKind, _ tags: [String: String] = [:],
        _ settings: KeySettings = KeySettings()
    ) throws(VaultError) -> MadeVersion {
        try settings.validate(with: tags, for: key, of: kind)
        let privateKey: PrivateKey
        do { privateKey = try kind.generate(context.library) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        return try seal(privateKey, as: key, tags, settings)
    }

    /// A new version as it is to be stored, of a private key of the caller's.
    ///
    /// - Throws: `unsupportedKey`, `malformedKey`.
    func `import`(
        pem: Span<UInt8>, as key: KeyIdentifier, _ tags: [String: String], _ settings: KeySettings
    ) throws(VaultError) -> MadeVersion {
        try `import`(as: key, tags, settings) { () throws(CryptoError) in
            try PrivateKey(pem: pem, library: context.library)
        }
    }

    /// A new version as it is to be stored, of the numbers of a private key of the caller's.
    ///
    /// - Throws: `unsupportedKey`, `malformedKey`.
    func `import`(
        _ numbers: PrivateKeyNumbers, as key: KeyIdentifier, _ tags: [String: String],
        _ settings: KeySettings
    ) throws(VaultError) -> MadeVersion {
        try `import`(as: key, tags, settings) { () throws(CryptoError) in
            try PrivateKey(numbers, library: context.library)
        }
    }

    /// Adds a version, and the key if it is its first, under the root key that the vaults have now: another may have
    /// come since it was made. For a change of the vault.
    func insert(
        _ made: MadeVersion, in vault: String, _ tables: VaultTables
    ) throws(DatabaseError) -> Result<KeyVersionRow, VaultError> {
        let row: KeyVersionRow
        do throws(VaultError) {
            row = try renewed(made, in: vault)
        } catch {
            return .failure(error)
        }
        try tables.insert(row)
        return .success(row)
    }

    /// Adds a version that takes after the newest one.
    func insert(
        _ made: MadeVersion, after latest: KeyVersionRow, in vault: String, _ tables: VaultTables
    ) throws(DatabaseError) -> Result<KeyVersionRow, VaultError> {
        let expiry = try tables.rotationPolicy(of: latest.name)?.attributes.expiryTime
        let fresh = made.row
        let row = KeyVersionRow(
            name: latest.name, version: fresh.version, publicKey: fresh.publicKey,
            // Another version, of another kind, may have come meanwhile.
            operations: latest.operations.filter(fresh.operations.contains), isEnabled: true,
            notBeforeSeconds: nil,
            expiresSeconds: expiry.map { $0.added(toSeconds: fresh.createdSeconds) },
            createdSeconds: fresh.createdSeconds, updatedSeconds: fresh.updatedSeconds,
            privateKey: fresh.privateKey, tags: latest.tags, isRetiring: false)
        return try insert(MadeVersion(row: row, rootKey: made.rootKey), in: vault, tables)
    }

    // MARK: Private

    private func renewed(
        _ made: MadeVersion, in vault: String
    ) throws(VaultError) -> KeyVersionRow {
        let present = try context.rootKey.presentKeys().current
        guard present !== made.rootKey else { return made.row }
        var row = made.row
        switch row.privateKey {
        case .sealed(let sealed):
            let renewed = try RootKeys(current: present, former: made.rootKey).renewed(
                sealed, as: try row.identifier(in: vault), row.publicKey)
            if let renewed { row.privateKey = .sealed(renewed) }
        }
        return row
    }

    private func `import`(
        as key: KeyIdentifier, _ tags: [String: String], _ settings: KeySettings,
        _ load: () throws(CryptoError) -> PrivateKey
    ) throws(VaultError) -> MadeVersion {
        let privateKey: PrivateKey
        do {
            privateKey = try load()
        } catch .unsupportedKey(let reason) {
            throw VaultError(.unsupportedKey, "can't import \(key): \(reason)", about: .key(key))
        } catch .malformedKey(let reason) {
            throw VaultError(
                .malformedKey, "can't import \(key): \(reason)", about: .key(key),
                remedies: [
                    .other(
                        "import one unencrypted private key, RSA of 2048, 3072 or 4096 bits or on a curve"
                    )
                ])
        } catch {
            throw VaultError(error, while: "importing \(key)")
        }
        let kind = try privateKey.storedPublicKey.decoded(for: key).kind
        try settings.validate(with: tags, for: key, of: kind)
        return try seal(privateKey, as: key, tags, settings)
    }

    private func seal(
        _ privateKey: PrivateKey, as key: KeyIdentifier, _ tags: [String: String],
        _ settings: KeySettings
    ) throws(VaultError) -> MadeVersion {
        let random: [UInt8]
        do { random = try context.library.randomBytes(byteCount: 16) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        let version = String(hexadecimal: random)
        let now = try context.presentTime().seconds
        let rootKey = try context.rootKey.key()
        let identifier = try key.versioned(version)
        let publicKey = privateKey.storedPublicKey
        let kind = try publicKey.decoded(for: identifier).kind
        let sealed = try rootKey.seal(privateKey.storedForm(), as: identifier, publicKey)
        let row = KeyVersionRow(
            name: key.name, version: version, publicKey: publicKey,
            operations: settings.operations ?? kind.operations,
            isEnabled: settings.isEnabled, notBeforeSeconds: settings.notBeforeSeconds,
            expiresSeconds: settings.expiresSeconds, createdSeconds: now, updatedSeconds: now,
            privateKey: .sealed(sealed), tags: tags, isRetiring: false)
        return MadeVersion(row: row, rootKey: rootKey)
    }
}
