internal import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    // MARK: Making keys

    /// See ``ActingVaults``.
    func createKey(
        vault: String, name: String, tags: [String: String], keyType: String, bitCount: Int,
        settings: KeySettings, as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try Self.checkSupported(keyType: keyType, bitCount: bitCount, key)
        try Self.checkNotReserved(key.vault, to: "make \(key)")
        try settings.validate(with: tags, for: key)
        return try recording(
            .create, on: key, in: key.vault, as: identity, used: \.key.kid
        ) {
            () throws(VaultError) in
            // First of all, for making a key takes long.
            try checkAddable(key, .create, as: identity)
            let row = try sealedRow(try generate(key), as: key, tags, settings)
            return try add(row, to: key, .create, as: identity)
        }
    }

    /// See ``ActingVaults``.
    func importKey(
        vault: String, name: String, pem: Span<UInt8>, tags: [String: String],
        settings: KeySettings, as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try Self.checkNotReserved(key.vault, to: "import \(key)")
        try settings.validate(with: tags, for: key)
        return try recording(
            .import, on: key, in: key.vault, as: identity, used: \.key.kid
        ) {
            () throws(VaultError) in
            try checkAddable(key, .import, as: identity)
            let row = try sealedRow(try privateKey(pem: pem, for: key), as: key, tags, settings)
            return try add(row, to: key, .import, as: identity)
        }
    }

    private func privateKey(
        pem: Span<UInt8>, for key: KeyIdentifier
    ) throws(VaultError) -> RSAPrivateKey {
        do {
            return try RSAPrivateKey(pem: pem, library: library)
        } catch .unsupportedKey(let reason) {
            throw VaultError(.unsupportedKey, "can't import \(key): \(reason)")
        } catch .malformedKey(let reason) {
            throw VaultError(
                .malformedKey,
                "can't import \(key): \(reason). Import a PEM file that holds one unencrypted RSA "
                    + "private key of 2048 bits")
        } catch {
            throw VaultError(error, while: "importing \(key)")
        }
    }

    // MARK: Showing keys

    /// See ``ActingVaults``.
    func key(
        _ key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let standing = try use(newest(of: key, as: identity), for: .get, as: identity, .none)
        let vault = try read(key.vault) { _, vault throws(DatabaseError) in .success(vault) }
        record(.get, standing, nil)
        return standing.row.bundle(as: standing.material.identifier, in: vault)
    }

    /// The newest version that an identifier without one means for who only looks; others as they are.
    private func newest(
        of key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> KeyIdentifier {
        guard key.version == nil else { return key }
        do throws(VaultError) {
            let time = try presentTime()
            // Permission first: nobody else has a rotation done.
            try checkPermission(.get, in: key.vault, as: identity)
            applyRotationPolicy(of: key)
            let row = try read(key.vault) { tables, _ throws(DatabaseError) in
                try Self.liveVersion(of: key, tables, atSeconds: time.seconds)
            }
            return try row.identifier(in: key.vault)
        } catch {
            record(KeyOperation.get.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }

    /// See ``ActingVaults``.
    func keys(
        vault name: String, as identity: Identity
    ) throws(VaultError) -> [KeyItem] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try recording(.list, on: nil, in: name, as: identity) { () throws(VaultError) in
            let (rows, vault) = try readKeys(in: name, .list, as: identity) {
                tables, vault throws(DatabaseError) in
                .success((try tables.newestVersions(), vault))
            }
            return try rows.map { row throws(VaultError) in
                row.item(as: try row.identifier(in: name).versionless, in: vault)
            }
        }
    }

    /// See ``ActingVaults``.
    func keyVersions(
        vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> [KeyItem] {
        let key = try KeyIdentifier(vault: vault, name: name)
        return try recording(.list, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            // Permission first: nobody else has a rotation done.
            try checkPermission(.list, in: key.vault, as: identity)
            applyRotationPolicy(of: key)
            let (rows, vault) = try read(key.vault) { tables, vault throws(DatabaseError) in
                .success((try tables.versions(of: key.name), vault))
            }
            guard let first = rows.first, !first.isGone(atSeconds: clock.nowSeconds()) else {
                throw .keyNotFound(key)
            }
            guard first.keyDeletion == nil else { throw .deleted(key, first) }
            return try rows.map { row throws(VaultError) in
                row.item(as: try row.identifier(in: key.vault), in: vault)
            }
        }
    }
}

// MARK: - What can be made

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
}
