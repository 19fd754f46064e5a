internal import SluiceAccess
internal import SluiceNative

/// Makes vaults, shows them and their logs, and changes their settings. The owner's affair.
final class VaultAdministration: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let journal: OperationJournal
    private let identities: IdentitySwitch
    private let deletedVaults: DeletedVaults

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ journal: OperationJournal,
        _ identities: IdentitySwitch, _ deletedVaults: DeletedVaults
    ) {
        self.context = context
        self.vaults = vaults
        self.journal = journal
        self.identities = identities
        self.deletedVaults = deletedVaults
    }

    /// See ``ActingVaults/createVault(name:retentionDays:isPurgeProtected:)``.
    func create(
        name: String, retentionDays: Int, isPurgeProtected: Bool, as identity: Identity
    ) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        guard !VaultHome.reservedNames.contains(name) else {
            throw VaultError(
                .invalidName, "the vault name '\(name)' is reserved", about: .vault(name),
                remedies: [.choose(.otherName)])
        }
        guard (7...90).contains(retentionDays) else {
            throw VaultError(
                .invalidArgument,
                "the vault '\(name)' can keep deleted keys for 7 to 90 days, not \(retentionDays)",
                about: .vault(name))
        }
        try identities.requireOwner(identity, to: "make vaults")
        try deletedVaults.purgeWhatIsDue()
        let time = try context.presentTime()
        let row = VaultRow(
            name: name, createdSeconds: time.seconds, retentionDays: retentionDays,
            isPurgeProtected: isPurgeProtected, noted: time.moment)
        guard try vaults.make(row) else { throw try vaults.reasonTaken(name) }
        return VaultProperties(row, [])
    }

    /// See ``ActingVaults/vaults()``.
    func all(as identity: Identity) throws(VaultError) -> [VaultProperties] {
        try vaults.checkOpen()
        try identities.requireOwner(identity, to: "list the vaults")
        var all: [VaultProperties] = []
        for name in try vaults.names().sorted() {
            do throws(VaultError) {
                all.append(try properties(of: name))
            } catch {
                guard error.code == .vaultDeleted || error.code == .vaultNotFound else {
                    throw error
                }
            }
        }
        return all
    }

    /// See ``ActingVaults/vault(_:)``.
    func show(_ name: String, as identity: Identity) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        try identities.requireOwner(identity, to: "see the settings of the vault '\(name)'")
        return try properties(of: name)
    }

    /// See ``ActingVaults/enablePurgeProtection(vault:)``.
    func enablePurgeProtection(
        vault name: String, as identity: Identity
    ) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try journal.recording("enablePurgeProtection", in: name, as: identity) {
            () throws(VaultError) in
            try identities.requireOwner(identity, to: "change the vault '\(name)'")
            return try vaults.write(name) { tables, row throws(DatabaseError) in
                var row = row
                row.isPurgeProtected = true
                try tables.update(row)
                return .success(VaultProperties(row, try tables.policies()))
            }
        }
    }

    /// See ``ActingVaults/repairVault(_:)``.
    func repair(_ name: String, as identity: Identity) throws(VaultError) -> [String] {
        let name = try KeyIdentifier.validated(vaultName: name)
        try identities.requireOwner(identity, to: "repair the vault '\(name)'")
        return try vaults.repair(name)
    }

    /// See ``ActingVaults/operations(vault:after:)``.
    func operations(
        vault name: String, after position: OperationLogPosition?, as identity: Identity
    ) throws(VaultError) -> OperationPage {
        let name = try KeyIdentifier.validated(vaultName: name)
        try identities.requireOwner(identity, to: "read the log of the vault '\(name)'")
        try vaults.check(name, evenIfDeleted: true)
        return try vaults.vault(named: name).log.read(after: position)
    }

    // MARK: Private

    private func properties(of name: String) throws(VaultError) -> VaultProperties {
        try vaults.read(name) { tables, row throws(DatabaseError) in
            .success(VaultProperties(row, try tables.policies()))
        }
    }
}
