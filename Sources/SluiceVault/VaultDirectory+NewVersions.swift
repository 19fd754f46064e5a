public import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// The platform-managed key, as a versionless identifier: made, with its vault, when first asked for.
    ///
    /// However many processes ask at once, there is one.
    public func platformKey() throws(VaultError) -> KeyIdentifier {
        let key = try KeyIdentifier(vault: Self.platformName, name: Self.platformName)
        try makePlatformVault()
        let exists = try read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try tables.version(key) != nil)
        }
        if exists { return key }
        // Generated outside the lock, since it takes long; whoever comes second drops his.
        let row = try sealedRow(try generate(key), as: key, [:], KeySettings())
        try write(key.vault) { tables, _ throws(DatabaseError) in
            if try tables.version(key) == nil { try tables.insert(row) }
            return .success(())
        }
        return key
    }

    /// Makes the reserved vault unless it is there.
    ///
    /// - Throws: `damaged` if it was there and is lost, unless `evenIfLost`.
    func makePlatformVault(evenIfLost: Bool = false) throws(VaultError) {
        do throws(VaultError) {
            _ = try vault(named: Self.platformName)
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            if !evenIfLost { try checkPlatformVaultNotLost() }
            let time = try presentTime()
            _ = try make(
                VaultRow(
                    name: Self.platformName, createdSeconds: time.seconds, retentionDays: 90,
                    isPurgeProtected: true, noted: time.moment))
        }
    }

    /// Refuses what would change the keys that platform-managed encryption relies on.
    static func checkNotReserved(_ vault: String, to doing: String) throws(VaultError) {
        guard vault != platformName else {
            throw VaultError(
                .accessDenied,
                "can't \(doing): that vault is reserved for the platform-managed key. Use another "
                    + "vault")
        }
    }

    /// Returns if an identity may add a version to a key. To be asked first, for making one takes long.
    ///
    /// - Throws: `accessDenied`; `keyDeleted` if the name belongs to a deleted key.
    func checkAddable(
        _ key: KeyIdentifier, _ operation: KeyOperation, as identity: Identity
    ) throws(VaultError) {
        let time = try presentTime()
        try readKeys(in: key.vault, operation, as: identity) {
            tables, vault throws(DatabaseError) in
            try Self.addable(key, tables, vault, at: time)
        }
    }

    /// Adds a version to a key, or a key with it. Nothing is taken from anybody, so that nobody is waited
    /// for.
    func add(
        _ row: KeyVersionRow, to key: KeyIdentifier, _ operation: KeyOperation,
        as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let time = try presentTime()
        let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
            if case .failure(let refusal) = try Self.addable(key, tables, vault, at: time) {
                return .failure(refusal)
            }
            try tables.insert(row)
            // A key that was there before may be written in another case.
            let stored = try tables.version(row.version, of: row.name) ?? row
            return .success(StoredVersion(row: stored, vault: vault))
        }
        return try changeKeys(
            in: key.vault, operation, as: identity, waiting: .seconds(0), work
        ).result.bundle()
    }

    func generate(_ key: KeyIdentifier) throws(VaultError) -> RSAPrivateKey {
        do { return try RSAPrivateKey.generate(library) } catch {
            throw VaultError(error, while: "making \(key)")
        }
    }

    /// A new version as it is to be stored.
    func sealedRow(
        _ privateKey: RSAPrivateKey, as key: KeyIdentifier, _ tags: [String: String],
        _ settings: KeySettings
    ) throws(VaultError) -> KeyVersionRow {
        let random: [UInt8]
        do { random = try library.randomBytes(byteCount: 16) } catch {
            throw VaultError(error, while: "making \(key)")
        }
        let version = String(hexadecimal: random)
        let now = try presentTime().seconds
        return KeyVersionRow(
            name: key.name, version: version, modulus: privateKey.publicKey.modulus,
            exponent: privateKey.publicKey.exponent, operations: settings.operations,
            isEnabled: settings.isEnabled, notBeforeSeconds: settings.notBeforeSeconds,
            expiresSeconds: settings.expiresSeconds, createdSeconds: now, updatedSeconds: now,
            sealed: try rootKey.key().seal(privateKey, as: try key.versioned(version)),
            tags: tags)
    }

    private static func addable(
        _ key: KeyIdentifier, _ tables: VaultTables, _ vault: VaultRow, at time: PresentTime
    ) throws(DatabaseError) -> Result<Void, VaultError> {
        guard let row = try tables.latestVersion(of: key.name), let deletion = row.keyDeletion
        else {
            return .success(())
        }
        guard deletion.isDue(atSeconds: time.seconds) else { return .failure(.deleted(key, row)) }
        // A change removes it first if the clock is believed.
        return time.isBelieved(by: vault.noted) ? .success(()) : .failure(.hidden(key, deletion))
    }
}
