internal import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// See ``ActingVaults``.
    func updateKey(
        _ key: KeyIdentifier, _ changes: KeyChanges, waiting deadline: Deadline,
        as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try recording(
            .update, on: key, in: key.vault, as: identity, used: \.result.key.kid
        ) { () throws(VaultError) in
            let now = try presentTime().seconds
            let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
                switch try Self.liveVersion(of: key, tables, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let row):
                    let changed = changes.applied(to: row, atSeconds: now)
                    if let refusal = changed.refusal(for: key) { return .failure(refusal) }
                    try tables.update(changed)
                    return .success(StoredVersion(row: changed, vault: vault))
                }
            }
            return try changeKeys(
                in: key.vault, .update, as: identity, waiting: deadline, work
            ).map { stored throws(VaultError) in try stored.bundle() }
        }
    }

    /// See ``ActingVaults``.
    func rotateKey(
        vault: String, name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let key = try KeyIdentifier(vault: vault, name: name)
        return try recording(
            .rotate, on: key, in: key.vault, as: identity, used: \.result.key.kid
        ) { () throws(VaultError) in
            let now = try presentTime().seconds
            // First of all, for making a key takes long.
            try readKeys(in: key.vault, .rotate, as: identity) { tables, _ throws(DatabaseError) in
                try Self.liveVersion(of: key, tables, atSeconds: now).map { _ in }
            }
            let made = try sealedRow(try generate(key), as: key, [:], KeySettings())
            let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
                switch try Self.liveVersion(of: key, tables, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let latest):
                    let row = try Self.insert(made, after: latest, tables)
                    return .success(StoredVersion(row: row, vault: vault))
                }
            }
            return try changeKeys(
                in: key.vault, .rotate, as: identity, waiting: deadline, work
            ).map { stored throws(VaultError) in try stored.bundle() }
        }
    }

    // MARK: For the rest of this type

    /// The version that an identifier means for a change: without a version, the newest one, enabled or
    /// not.
    static func liveVersion(
        of key: KeyIdentifier, _ tables: VaultTables, atSeconds now: Int
    ) throws(DatabaseError) -> Result<KeyVersionRow, VaultError> {
        let found =
            key.version == nil ? try tables.latestVersion(of: key.name) : try tables.version(key)
        guard let row = found, !row.isGone(atSeconds: now) else {
            return .failure(.keyNotFound(key))
        }
        return row.deletion == nil ? .success(row) : .failure(.deleted(key, row))
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
            sealed: made.sealed, tags: latest.tags)
        try tables.insert(row)
        return row
    }
}

extension KeyVersionRow {
    /// Why the version can't be like this; nil if it can.
    fileprivate func refusal(for key: KeyIdentifier) -> VaultError? {
        let settings = KeySettings(
            operations: operations, isEnabled: isEnabled, notBeforeSeconds: notBeforeSeconds,
            expiresSeconds: expiresSeconds)
        do throws(VaultError) {
            try settings.validate(with: tags, for: key)
            return nil
        } catch {
            return error
        }
    }
}
