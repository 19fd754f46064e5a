internal import SluiceNative

extension VaultDirectory {
    // MARK: Making keys

    /// Makes an RSA key, or a new version of it if the name exists.
    ///
    /// - Parameters:
    ///   - tags: The caller's own notes: at most 15, of at most 256 characters each.
    ///   - keyType: As in Key Vault; only `RSA` is supported.
    ///   - bitCount: The size; only 2048 is supported.
    /// - Throws: `unsupportedKey` with the reason; `vaultNotFound`, `invalidName`, `invalidArgument`;
    ///   `accessDenied` in the reserved vault.
    public func createKey(
        vault: String, name: String, tags: [String: String] = [:], keyType: String = "RSA",
        bitCount: Int = 2048, settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try Self.checkSupported(keyType: keyType, bitCount: bitCount, key)
        try checkNotReserved(key)
        try settings.validate(with: tags, for: key)
        let vault = try self.vault(named: key.vault)
        return try add(try generate(key), to: vault, as: key, tags, settings)
    }

    /// Imports an unencrypted RSA-2048 private key (PEM, PKCS#1 or PKCS#8), as a key or, if the name
    /// exists, as a new version of it.
    ///
    /// The caller's bytes are the caller's to wipe.
    ///
    /// - Throws: `unsupportedKey` or `malformedKey` with the reason; otherwise as
    ///   ``createKey(vault:name:tags:keyType:bitCount:settings:)``.
    public func importKey(
        vault: String, name: String, pem: Span<UInt8>, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try checkNotReserved(key)
        try settings.validate(with: tags, for: key)
        let vault = try self.vault(named: key.vault)
        let privateKey: RSAPrivateKey
        do {
            privateKey = try RSAPrivateKey(pem: pem, library: library)
        } catch .unsupportedKey(let reason) {
            throw VaultError(
                .unsupportedKey, "can't import \(key): \(reason). Import an RSA key of 2048 bits")
        } catch .malformedKey(let reason) {
            throw VaultError(
                .malformedKey,
                "can't import \(key): \(reason). Import a PEM file that holds an unencrypted RSA "
                    + "private key of 2048 bits")
        } catch {
            throw VaultError(error, while: "importing \(key)")
        }
        return try add(privateKey, to: vault, as: key, tags, settings)
    }

    /// The platform-managed key, as a versionless identifier: made, with its vault, when first asked for.
    ///
    /// However many processes ask at once, there is one.
    public func platformKey() throws(VaultError) -> KeyIdentifier {
        let key = try KeyIdentifier(vault: Self.platformName, name: Self.platformName)
        let vault: Vault
        do {
            vault = try self.vault(named: key.vault)
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            _ = try make(
                VaultRow(
                    name: key.vault, createdSeconds: clock.nowSeconds(), retentionDays: 90,
                    isPurgeProtected: true))
            vault = try self.vault(named: key.vault)
        }
        let exists = try vault.read { tables throws(DatabaseError) in
            try tables.newestVersion(of: key.name) != nil
        }
        if exists { return key }
        // Generated outside the lock, since it takes long; whoever comes second drops his.
        let row = try sealedRow(try generate(key), as: key, [:], KeySettings())
        try vault.write { tables throws(DatabaseError) in
            if try tables.newestVersion(of: key.name) == nil { try tables.insert(row) }
        }
        return key
    }

    // MARK: Showing keys

    /// A key version; of a versionless identifier, the newest enabled one.
    ///
    /// The public key is authenticated.
    ///
    /// - Throws: `keyNotFound`, `vaultNotFound`; `keyDisabled` if the identifier is versionless and no
    ///   version is enabled.
    public func key(_ key: KeyIdentifier) throws(VaultError) -> KeyBundle {
        let version = try version(key)
        return version.row.bundle(as: version.identifier, in: try vault(named: key.vault))
    }

    /// The keys of a vault, in the order of their names, each with its newest version's attributes.
    ///
    /// - Throws: `vaultNotFound`, `invalidName`.
    public func keys(vault name: String) throws(VaultError) -> [KeyItem] {
        let vault = try vault(named: KeyIdentifier.validated(vaultName: name))
        let rows = try vault.read { tables throws(DatabaseError) in try tables.newestVersions() }
        return try rows.map { row throws(VaultError) in
            try row.item(as: row.identifier(in: vault).versionless, in: vault)
        }
    }

    /// The versions of a key, the newest first.
    ///
    /// - Throws: `keyNotFound`, `vaultNotFound`, `invalidName`.
    public func keyVersions(vault: String, name: String) throws(VaultError) -> [KeyItem] {
        let key = try KeyIdentifier(vault: vault, name: name)
        let vault = try self.vault(named: key.vault)
        let rows = try vault.read { tables throws(DatabaseError) in
            try tables.versions(of: key.name)
        }
        guard !rows.isEmpty else { throw .keyNotFound(key) }
        return try rows.map { row throws(VaultError) in
            try row.item(as: row.identifier(in: vault), in: vault)
        }
    }
}

// MARK: - Adding a version

extension VaultDirectory {
    private static func checkSupported(
        keyType: String, bitCount: Int, _ key: KeyIdentifier
    ) throws(VaultError) {
        let reason: String
        if keyType.uppercased().hasSuffix("-HSM") {
            reason = "hardware keys (\(keyType)) are not supported yet"
        } else if keyType.uppercased() != "RSA" {
            reason = "\(keyType) keys can't wrap other keys here"
        } else if bitCount != 2048 {
            reason = "\(bitCount) bits are not supported"
        } else {
            return
        }
        throw VaultError(.unsupportedKey, "can't make \(key): \(reason). Use RSA with 2048 bits")
    }

    private func checkNotReserved(_ key: KeyIdentifier) throws(VaultError) {
        guard key.vault != Self.platformName else {
            throw VaultError(
                .accessDenied,
                "can't make \(key): that vault is reserved for the platform-managed key. Make the "
                    + "key in another vault")
        }
    }

    private func generate(_ key: KeyIdentifier) throws(VaultError) -> RSAPrivateKey {
        do { return try RSAPrivateKey.generate(library) } catch {
            throw VaultError(error, while: "making \(key)")
        }
    }

    private func add(
        _ privateKey: RSAPrivateKey, to vault: Vault, as key: KeyIdentifier,
        _ tags: [String: String], _ settings: KeySettings
    ) throws(VaultError) -> KeyBundle {
        let row = try sealedRow(privateKey, as: key, tags, settings)
        let name = try vault.write { tables throws(DatabaseError) in
            try tables.insert(row)
            // A key that was there before may be written in another case.
            return try tables.version(row.version, of: row.name)?.name
        }
        return row.bundle(
            as: try KeyIdentifier(vault: key.vault, name: name ?? row.name, version: row.version),
            in: vault)
    }

    private func sealedRow(
        _ privateKey: RSAPrivateKey, as key: KeyIdentifier, _ tags: [String: String],
        _ settings: KeySettings
    ) throws(VaultError) -> KeyVersionRow {
        let random: [UInt8]
        do { random = try library.randomBytes(byteCount: 16) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        let digits = Array("0123456789abcdef")
        let version = String(random.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        let now = clock.nowSeconds()
        return KeyVersionRow(
            name: key.name, version: version, modulus: privateKey.publicKey.modulus,
            exponent: privateKey.publicKey.exponent,
            operations: settings.operations.map(\.rawValue).joined(separator: ","),
            isEnabled: settings.isEnabled, notBeforeSeconds: settings.notBeforeSeconds,
            expiresSeconds: settings.expiresSeconds, createdSeconds: now, updatedSeconds: now,
            sealed: try rootKey.key().seal(privateKey, as: try key.versioned(version)),
            tags: tags)
    }
}

// MARK: - Shapes

extension KeyVersionRow {
    fileprivate func bundle(as identifier: KeyIdentifier, in vault: Vault) -> KeyBundle {
        KeyBundle(
            key: JSONWebKey(
                kid: identifier, kty: "RSA", keyOperations: keyOperations,
                n: Base64URL.encode(modulus), e: Base64URL.encode(exponent)),
            attributes: attributes(in: vault), tags: tags)
    }

    fileprivate func item(as identifier: KeyIdentifier, in vault: Vault) -> KeyItem {
        KeyItem(kid: identifier, attributes: attributes(in: vault), tags: tags)
    }

    private func attributes(in vault: Vault) -> KeyAttributes {
        KeyAttributes(
            enabled: isEnabled, nbf: notBeforeSeconds, exp: expiresSeconds, created: createdSeconds,
            updated: updatedSeconds,
            recoveryLevel: vault.row.isPurgeProtected ? "Recoverable" : "Recoverable+Purgeable",
            recoverableDays: vault.row.retentionDays)
    }
}
