internal import SluiceAccess
internal import SluiceNative

/// Deleted keys can be recovered until their scheduled purge date, and their names can't be used.
///
/// An identifier with a version means that version alone, which the real service has no call for.
extension VaultDirectory {
    /// See ``ActingVaults``.
    func deleteKey(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<DeletedKeyBundle> {
        try Self.checkNotReserved(key.vault, to: "delete \(key)")
        return try recording(.delete, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let time = try presentTime()
            let work: TableWork<DeletedVersion> = { tables, vault throws(DatabaseError) in
                switch try Self.liveVersion(of: key, tables, atSeconds: time.seconds) {
                case .failure(let refusal): return .failure(refusal)
                case .success(var row):
                    let deletion = Deletion(at: time, in: vault)
                    try tables.setDeletion(deletion, of: key)
                    if key.version == nil {
                        row.keyDeletion = deletion
                    } else {
                        row.versionDeletion = deletion
                    }
                    return .success(DeletedVersion(row, deletion, vault))
                }
            }
            return try changeKeys(
                in: key.vault, .delete, as: identity, waiting: deadline, work
            ).map { deleted throws(VaultError) in try deleted.bundle() }
        }
    }

    /// See ``ActingVaults``.
    func deletedKey(
        _ key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> DeletedKeyBundle {
        try recording(.get, on: key, in: key.vault, as: identity) { () throws(VaultError) in
            let now = try presentTime().seconds
            return try readKeys(in: key.vault, .get, as: identity) {
                tables, vault throws(DatabaseError) in
                try Self.deletedVersion(key, tables, vault, atSeconds: now)
            }.bundle()
        }
    }

    /// See ``ActingVaults``.
    func deletedKeys(
        vault name: String, as identity: Identity
    ) throws(VaultError) -> [DeletedKeyItem] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try recording(.list, on: nil, in: name, as: identity) { () throws(VaultError) in
            let now = try presentTime().seconds
            let (rows, vault) = try readKeys(in: name, .list, as: identity) {
                tables, vault throws(DatabaseError) in
                .success((try tables.deletedVersions(), vault))
            }
            var items: [DeletedKeyItem] = []
            for row in rows where !row.isGone(atSeconds: now) {
                guard let deletion = row.deletion else { continue }
                items.append(
                    row.deletedItem(try row.identifier(in: name), deletion, in: vault))
            }
            return items
        }
    }

    /// See ``ActingVaults``.
    func recoverKey(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try recording(.recover, on: key, in: key.vault, as: identity) { () throws(VaultError) in
            let now = try presentTime().seconds
            let work: TableWork<DeletedVersion> = { tables, vault throws(DatabaseError) in
                switch try Self.deletedVersion(key, tables, vault, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let deleted):
                    try tables.setDeletion(nil, of: key)
                    return .success(deleted)
                }
            }
            return try changeKeys(
                in: key.vault, .recover, as: identity, waiting: deadline, work
            ).map { recovered throws(VaultError) in try recovered.stored.bundle() }
        }
    }

    /// See ``ActingVaults``.
    func purgeKey(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<Void> {
        try recording(.purge, on: key, in: key.vault, as: identity) { () throws(VaultError) in
            let now = try presentTime().seconds
            let work: TableWork<Void> = { tables, vault throws(DatabaseError) in
                // What is hidden by a clock that isn't believed can be purged as what is not yet due.
                switch try Self.deletedVersion(key, tables, vault, atSeconds: .min) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let deleted):
                    let deletion = deleted.deletion
                    guard !vault.isPurgeProtected else {
                        return .failure(
                            deletion.isDue(atSeconds: now)
                                ? .hidden(key, deletion)
                                : .purgeProtected("\(key)", until: deletion.purgeSeconds))
                    }
                    try tables.purge(key)
                    return .success(())
                }
            }
            return try changeKeys(in: key.vault, .purge, as: identity, waiting: deadline, work)
        }
    }

    // MARK: Private

    /// A version that is deleted, or was until now.
    private struct DeletedVersion: Sendable {
        let stored: StoredVersion
        let deletion: Deletion

        init(_ row: KeyVersionRow, _ deletion: Deletion, _ vault: VaultRow) {
            stored = StoredVersion(row: row, vault: vault)
            self.deletion = deletion
        }

        func bundle() throws(VaultError) -> DeletedKeyBundle {
            try stored.deletedBundle(deletion)
        }
    }

    /// The newest version of a deleted key, or a version that was deleted by itself.
    private static func deletedVersion(
        _ key: KeyIdentifier, _ tables: VaultTables, _ vault: VaultRow, atSeconds now: Int
    ) throws(DatabaseError) -> Result<DeletedVersion, VaultError> {
        let found =
            key.version == nil ? try tables.latestVersion(of: key.name) : try tables.version(key)
        guard let row = found,
            let deletion = key.version == nil ? row.keyDeletion : row.versionDeletion
        else { return .failure(.notDeleted(key)) }
        guard !row.isGone(atSeconds: now) else { return .failure(.timeHasCome(key, deletion)) }
        return .success(DeletedVersion(row, deletion, vault))
    }
}

extension VaultError {
    static func purgeProtected(_ what: String, until seconds: Int) -> VaultError {
        VaultError(
            .purgeProtected,
            "\(what) can't be purged before \(CalendarDuration.text(ofSeconds: seconds)), since its vault has purge "
                + "protection, which can't be turned off: it goes by itself then")
    }

    fileprivate static func timeHasCome(_ key: KeyIdentifier, _ deletion: Deletion) -> VaultError {
        VaultError(
            .keyNotFound,
            "there is no deleted key \(key) any more: its time came at "
                + "\(CalendarDuration.text(ofSeconds: deletion.purgeSeconds)). If the clock is wrong, set it right and "
                + "try again")
    }

    fileprivate static func notDeleted(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .keyNotFound,
            "there is no deleted key \(key): `sluice keyvault key list-deleted --vault-name "
                + "\(key.vault)` shows those there are")
    }
}
