internal import SluiceAccess

extension VaultProperties {
    /// A vault as its tables say that it is.
    init(_ row: VaultRow, _ policies: [AccessPolicy]) {
        name = row.name
        type = "Microsoft.KeyVault/vaults"
        properties = Settings(
            vaultURI: KeyIdentifier.vaultURI(row.name) + "/", accessPolicies: policies,
            enableSoftDelete: true, softDeleteRetentionInDays: row.retentionDays,
            enablePurgeProtection: row.isPurgeProtected)
    }
}

extension DeletedVault {
    /// A vault that its row says is deleted.
    init(_ row: VaultRow, _ deletion: Deletion) {
        name = row.name
        type = "Microsoft.KeyVault/deletedVaults"
        properties = Settings(
            deletionDate: deletion.deletedSeconds, scheduledPurgeDate: deletion.purgeSeconds,
            purgeProtectionEnabled: row.isPurgeProtected)
    }
}
