internal import SluiceAccess
internal import SluiceNative

/// Backs vaults up, and restores them where there is none of the name any more. The owner's affair.
final class VaultBackups: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let identities: IdentitySwitch
    private let deletedVaults: DeletedVaults

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ identities: IdentitySwitch, _ deletedVaults: DeletedVaults
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.journal = journal
        self.identities = identities
        self.deletedVaults = deletedVaults
    }

    /// See ``ActingVaults/backupVault(_:)``.
    func backup(_ name: String, as identity: Identity) throws(VaultError) -> [UInt8] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try journal.recording("backupVault", in: name, as: identity) {
            () throws(VaultError) in
            try identities.requireOwner(identity, to: "back up the vault '\(name)'")
            return try context.rootKey.retrying { rootKeys throws(VaultError) in
                let contents = try vaults.read(name) { tables, _ throws(DatabaseError) in
                    .success(try BackupTables(tables).vaultContents())
                }
                // A backup that can't be restored is none.
                let renewed = try contents.renewed(under: rootKeys, vault: name)
                return try BackupFile.seal(
                    renewed.encoded(BackupContents.vaultTables), of: .vault, vault: name,
                    under: rootKeys.current)
            }
        }
    }

    /// See ``ActingVaults/restoreVault(from:waiting:)``.
    func restore(
        from bytes: [UInt8], waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let file = try BackupFile(decoding: bytes)
        guard file.kind == .vault else { throw .otherBackup(file) }
        let name = try KeyIdentifier.validated(vaultName: file.vault)
        try identities.requireOwner(identity, to: "restore the vault '\(name)'")
        let opened = try file.open(under: context.rootKey.keysToRestore())
        let contents = try BackupContents(decoding: opened.contents, BackupContents.vaultTables)
        guard contents.rows["vault"]?.map({ $0[1] }) == [.text(name)] else {
            throw .noBackup("it holds another vault than it says")
        }
        let change = try journal.recording("restoreVault", in: name, as: identity) {
            () throws(VaultError) in
            try deletedVaults.purgeWhatIsDue()
            // First without a change: readers are not to be held up for what can't be done.
            guard try !vaults.names().contains(name) else { throw try vaults.reasonTaken(name) }
            return try make(name, contents, under: opened.rootKey, waiting: deadline)
        }
        for version in try contents.versions(in: name) where version.isEnabled {
            journal.record("restoreEnabled", on: version.identifier, in: name, as: identity, nil)
        }
        return change
    }

    /// Makes the vault: it is there as a whole or not at all, and gives the access that it gave when it was backed up.
    private func make(
        _ name: String, _ contents: BackupContents, under rootKey: RootKey,
        waiting deadline: Deadline
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let change = try epochs.change(waiting: deadline) { () throws(VaultError) in
            try vaults.make(name) { () throws(VaultError) in
                let present = try context.rootKey.presentKeys().current
                let renewed = try contents.renewed(
                    under: RootKeys(current: present, former: rootKey), vault: name)
                return { tables throws(DatabaseError) in
                    try tables.create()
                    try BackupTables(tables).insertVault(renewed)
                }
            }
        }
        guard change.result else { throw try vaults.reasonTaken(name) }
        return try change.map { _ throws(VaultError) in
            try vaults.read(name) { tables, row throws(DatabaseError) in
                .success(VaultProperties(row, try tables.policies()))
            }
        }
    }
}
