internal import SluiceAccess
internal import SluiceNative

/// Backs keys up, with all their versions, and restores them where there is no key of the name any more.
final class KeyBackups: Sendable {
    private let context: VaultContext
    private let journal: OperationJournal
    private let permissions: KeyPermissions

    init(_ context: VaultContext, _ journal: OperationJournal, _ permissions: KeyPermissions) {
        self.context = context
        self.journal = journal
        self.permissions = permissions
    }

    /// See ``ActingVaults/backupKey(vault:name:)``.
    func backup(
        vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> [UInt8] {
        let key = try KeyIdentifier(vault: vault, name: name)
        try ReservedVault.refuse(key.vault, to: "back up \(key)")
        return try journal.recording(.backup, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let now = try context.presentTime().seconds
            let work: TableWork<Found> = { tables, _ throws(DatabaseError) in
                switch try tables.liveVersion(of: key, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let row):
                    let contents = try BackupTables(tables).keyContents(of: row.name)
                    return .success(Found(name: row.name, contents: contents))
                }
            }
            return try context.rootKey.retrying { rootKeys throws(VaultError) -> [UInt8] in
                let found = try permissions.read(key.vault, for: .backup, as: identity, work)
                // A backup that can't be restored is none.
                let renewed = try found.contents.renewed(under: rootKeys, vault: key.vault)
                return try BackupFile.seal(
                    renewed.encoded(BackupContents.keyTables), of: .key, vault: key.vault,
                    key: found.name, under: rootKeys.current)
            }
        }
    }

    /// See ``ActingVaults/restoreKey(vault:from:waiting:)``.
    func restore(
        vault: String, from bytes: [UInt8], waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let vault = try KeyIdentifier.validated(vaultName: vault)
        let file = try BackupFile(decoding: bytes)
        guard file.kind == .key else { throw .otherBackup(file) }
        guard file.vault == vault else { throw .otherVault(vault, file) }
        let key = try KeyIdentifier(vault: vault, name: file.key)
        try ReservedVault.refuse(vault, to: "restore \(key)")
        let (change, versions) = try journal.recording(
            .restore, on: key, in: vault, as: identity,
            used: { (result: (AccessChange<KeyBundle>, [KeyIdentifier])) in
                result.0.result.key.kid
            }
        ) { () throws(VaultError) in
            // Permission first: nobody else is told what there is.
            try permissions.check(.restore, in: vault, as: identity)
            let opened = try file.open(under: context.rootKey.keys())
            let contents = try BackupContents(
                decoding: opened.contents, BackupContents.keyTables)
            let change = try add(contents, under: opened.rootKey, as: key, deadline, identity)
            let enabled = try contents.versions(in: vault).filter(\.isEnabled).map(\.identifier)
            return (change, enabled)
        }
        for version in versions {
            journal.record("restoreEnabled", on: version, in: vault, as: identity, nil)
        }
        return change
    }

    // MARK: Private

    /// A key, as its name is written in the vault.
    private struct Found: Sendable {
        let name: String
        let contents: BackupContents
    }

    private func add(
        _ contents: BackupContents, under rootKey: RootKey, as key: KeyIdentifier,
        _ deadline: Deadline, _ identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let versions = try contents.versions(in: key.vault)
        guard !versions.isEmpty, versions.allSatisfy({ $0.identifier.versionless == key }) else {
            throw .noBackup("it holds another key than it says")
        }
        let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
            if let row = try tables.latestVersion(of: key.name) {
                return .failure(.keyIsThere(key, row))
            }
            for version in versions {
                guard try !BackupTables(tables).hasVersion(version.identifier.version ?? "") else {
                    return .failure(.versionIsThere(version.identifier))
                }
            }
            let renewed: BackupContents
            do throws(VaultError) {
                // Now, when nobody else changes the vault: what is sealed in it is under this root key.
                let present = try self.context.rootKey.presentKeys().current
                renewed = try contents.renewed(
                    under: RootKeys(current: present, former: rootKey), vault: key.vault)
            } catch {
                return .failure(error)
            }
            try BackupTables(tables).insertKey(renewed)
            guard let newest = try tables.latestVersion(of: key.name) else {
                preconditionFailure("a restored key has no version")
            }
            return .success(StoredVersion(row: newest, vault: vault))
        }
        return try permissions.change(
            key.vault, for: .restore, as: identity, waiting: deadline, work
        ).map { stored throws(VaultError) in try stored.bundle() }
    }
}

extension VaultError {
    /// The refusal of a backup of something else.
    static func otherBackup(_ file: BackupFile) -> VaultError {
        let reason =
            switch file.kind {
            case .key:
                "this is a backup of the key '\(file.key)' of the vault '\(file.vault)', not of a vault"
            case .vault: "this is a backup of the vault '\(file.vault)', not of a key"
            }
        return VaultError(
            .invalidArgument, reason, about: .vault(file.vault),
            remedies: [
                .run(file.kind == .key ? .restoreKey(vault: file.vault) : .restoreVault)
            ])
    }

    fileprivate static func otherVault(_ vault: String, _ file: BackupFile) -> VaultError {
        VaultError(
            .invalidArgument,
            "this is a backup of the key '\(file.key)' of the vault '\(file.vault)', and no other can take it",
            about: .vault(vault), remedies: [.run(.restoreKey(vault: file.vault))])
    }

    fileprivate static func keyIsThere(_ key: KeyIdentifier, _ row: KeyVersionRow) -> VaultError {
        let remedy: Remedy =
            row.keyDeletion == nil
            ? .list(.keyVersions(key)) : .change(.recover(key))
        return VaultError(
            .alreadyExists,
            "there is a key \(key) already\(row.keyDeletion == nil ? "" : ", which is deleted"), and a backup replaces none",
            about: .key(key), remedies: [remedy])
    }

    fileprivate static func versionIsThere(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .alreadyExists,
            "the vault '\(key.vault)' has the version \(key.version ?? "") under another key's name",
            about: .vault(key.vault), remedies: [.restoreVaults])
    }
}
