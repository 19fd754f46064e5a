internal import SluiceAccess

/// Rows as Key Vault's REST interface shows them.
extension KeyVersionRow {
    func bundle(
        as identifier: KeyIdentifier, in vault: VaultRow
    ) throws(VaultError) -> KeyBundle {
        KeyBundle(
            key: try webKey(identifier), attributes: attributes(in: vault), tags: tags)
    }

    func item(as identifier: KeyIdentifier, in vault: VaultRow) -> KeyItem {
        KeyItem(kid: identifier, attributes: attributes(in: vault), tags: tags)
    }

    /// A deleted key, or a version that was deleted by itself, in full.
    func deletedBundle(
        _ identifier: KeyIdentifier, _ deletion: Deletion, in vault: VaultRow
    ) throws(VaultError) -> DeletedKeyBundle {
        let isWhole = keyDeletion != nil
        return DeletedKeyBundle(
            key: try webKey(identifier), attributes: attributes(in: vault),
            tags: tags.isEmpty ? nil : tags,
            recoveryId: RecoveryIdentifier(isWhole ? identifier.versionless : identifier),
            deletedDate: deletion.deletedSeconds, scheduledPurgeDate: deletion.purgeSeconds,
            note: isWhole ? nil : DeletedKeyBundle.singleVersionNote)
    }

    /// A deleted key, or a version that was deleted by itself, in a listing.
    func deletedItem(
        _ identifier: KeyIdentifier, _ deletion: Deletion, in vault: VaultRow
    ) -> DeletedKeyItem {
        let deleted = keyDeletion != nil ? identifier.versionless : identifier
        return DeletedKeyItem(
            kid: deleted, attributes: attributes(in: vault), tags: tags.isEmpty ? nil : tags,
            recoveryId: RecoveryIdentifier(deleted), deletedDate: deletion.deletedSeconds,
            scheduledPurgeDate: deletion.purgeSeconds)
    }

    private func webKey(_ identifier: KeyIdentifier) throws(VaultError) -> JSONWebKey {
        let (kind, numbers) = try publicKey.decoded(for: identifier)
        return JSONWebKey(identifier, kind, numbers, operations)
    }

    private func attributes(in vault: VaultRow) -> KeyAttributes {
        KeyAttributes(
            enabled: isEnabled, nbf: notBeforeSeconds, exp: expiresSeconds, created: createdSeconds,
            updated: updatedSeconds,
            recoveryLevel: vault.isPurgeProtected ? "Recoverable" : "Recoverable+Purgeable",
            recoverableDays: vault.retentionDays)
    }
}

extension KeyVersionRow {
    /// What a vault tells of the version, whose identifier this is.
    func description(of key: KeyIdentifier) throws(VaultError) -> KeyDescription {
        let (kind, numbers) = try publicKey.decoded(for: key)
        return KeyDescription(
            identifier: key, kind: kind, publicNumbers: numbers, isEnabled: isEnabled,
            notBeforeSeconds: notBeforeSeconds, expiresSeconds: expiresSeconds,
            createdSeconds: createdSeconds)
    }
}
