internal import SluiceAccess

/// A key version and its vault, as one transaction saw them.
struct StoredVersion: Sendable {
    let row: KeyVersionRow
    let vault: VaultRow

    /// The version as Key Vault's REST interface shows it.
    func bundle() throws(VaultError) -> KeyBundle {
        try row.bundle(as: row.identifier(in: vault.name), in: vault)
    }

    /// The version, which is deleted, as Key Vault's REST interface shows it.
    func deletedBundle(_ deletion: Deletion) throws(VaultError) -> DeletedKeyBundle {
        try row.deletedBundle(row.identifier(in: vault.name), deletion, in: vault)
    }
}
