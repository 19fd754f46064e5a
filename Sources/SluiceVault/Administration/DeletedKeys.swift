internal import SluiceAccess
internal import SluiceNative

/// Deleted keys can be recovered until their scheduled purge date, and their names can't be used.
///
/// An identifier with a version means that version alone, which the real service has no call for.
final class DeletedKeys: Sendable {
    private let context: VaultContext
    private let journal: OperationJournal
    private let permissions: KeyPermissions

    init(
        _ context: VaultContext, _ journal: OperationJournal, _ permissions: KeyPermissions
    ) {
        self.context = context
        self.journal = journal
        self.permissions = permissions
    }

    /// See ``ActingVaults/deleteKey(_:waiting:)``.
    func delete(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<DeletedKeyBundle> {
        try ReservedVault.refuse(key.vault, to: "delete \(key)")
        return try journal.recording(.delete, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let time = try context.presentTime()
            let work: TableWork<DeletedVersion> = { tables, vault throws(DatabaseError) in
                switch try tables.liveVersion(of: key, atSeconds: time.seconds) {
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
            return try permissions.change(
                key.vault, for: .delete, as: identity, waiting: deadline, work
            ).map { deleted throws(VaultError) in try deleted.bundle() }
        }
    }

    /// See ``ActingVaults/deletedKey(_:)``.
    func show(
        _ key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> DeletedKeyBundle {
        try journal.recording(.get, on: key, in: key.vault, as: identity) { () throws(VaultError) in
            let now = try context.presentTime().seconds
            return try permissions.read(key.vault, for: .get, as: identity) {
                tables, vault throws(DatabaseError) in
                try Self.deletedVersion(key, tables, vault, atSeconds: now)
            }.bundle()
        }
    }

    /// See ``ActingVaults/deletedKeys(vault:)``.
    func all(
        vault name: String, as identity: Identity
    ) throws(VaultError) -> [DeletedKeyItem] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try journal.recording(.list, on: nil, in: name, as: identity) {
            () throws(VaultError) in
            let now = try context.presentTime().seconds
            let (rows, vault) = try permissions.read(name, for: .list, as: identity) {
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

    /// See ``ActingVaults/recoverKey(_:waiting:)``.
    func recover(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try journal.recording(.recover, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let now = try context.presentTime().seconds
            let work: TableWork<DeletedVersion> = { tables, vault throws(DatabaseError) in
                switch try Self.deletedVersion(key, tables, vault, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let deleted):
                    try tables.setDeletion(nil, of: key)
                    return .success(deleted)
                }
            }
            return try permissions.change(
                key.vault, for: .recover, as: identity, waiting: deadline, work
            ).map { recovered throws(VaultError) in try recovered.stored.bundle() }
        }
    }

    /// See ``ActingVaults/purgeKey(_:waiting:)``.
    func purge(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<Void> {
        try journal.recording(.purge, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let now = try context.presentTime().seconds
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
            return try permissions.change(
                key.vault, for: .purge, as: identity, waiting: deadline, work)
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
            "\(what) can't be purged before \(CalendarDuration.text(ofSeconds: seconds)), since its vault has "
                + "purge protection, which can't be turned off; it goes by itself then")
    }

    fileprivate static func timeHasCome(_ key: KeyIdentifier, _ deletion: Deletion) -> VaultError {
        VaultError(
            .keyNotFound,
            "there is no deleted key \(key) any more: its time came at "
                + CalendarDuration.text(ofSeconds: deletion.purgeSeconds), about: .key(key),
            remedies: [.other("if the clock is wrong, set it right and try again")])
    }

    fileprivate static func notDeleted(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .keyNotFound, "there is no deleted key \(key)", about: .key(key),
            remedies: [.list(.deletedKeys(vault: key.vault))])
    }
}
