internal import SluiceAccess

/// Rows as Key Vault's REST interface shows them.
extension KeyVersionRow {
    func bundle(as identifier: KeyIdentifier, in vault: VaultRow) -> KeyBundle {
        KeyBundle(
            key: webKey(identifier), attributes: attributes(in: vault), tags: tags)
    }

    func item(as identifier: KeyIdentifier, in vault: VaultRow) -> KeyItem {
        KeyItem(kid: identifier, attributes: attributes(in: vault), tags: tags)
    }

    /// A deleted key, or a version that was deleted by itself, in full.
    func deletedBundle(
        _ identifier: KeyIdentifier, _ deletion: Deletion, in vault: VaultRow
    ) -> DeletedKeyBundle {
        let isWhole = keyDeletion != nil
        return DeletedKeyBundle(
            key: webKey(identifier), attributes: attributes(in: vault),
            tags: tags.isEmpty ? nil : tags,
            recoveryId: (isWhole ? identifier.versionless : identifier).recoveryID,
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
            recoveryId: deleted.recoveryID, deletedDate: deletion.deletedSeconds,
            scheduledPurgeDate: deletion.purgeSeconds)
    }

    private func webKey(_ identifier: KeyIdentifier) -> JSONWebKey {
        JSONWebKey(
            kid: identifier, kty: "RSA", keyOperations: operations,
            n: Base64URL.encode(modulus), e: Base64URL.encode(exponent))
    }

    private func attributes(in vault: VaultRow) -> KeyAttributes {
        KeyAttributes(
            enabled: isEnabled, nbf: notBeforeSeconds, exp: expiresSeconds, created: createdSeconds,
            updated: updatedSeconds,
            recoveryLevel: vault.isPurgeProtected ? "Recoverable" : "Recoverable+Purgeable",
            recoverableDays: vault.retentionDays)
    }
}

extension KeyIdentifier {
    /// Where a deleted key, or version, is shown and recovered.
    fileprivate var recoveryID: String {
        let key = "\(Self.vaultURI(vault))/deletedkeys/\(name)"
        return version.map { "\(key)/\($0)" } ?? key
    }
}

extension KeyVersionRow {
    /// What a vault tells of the version, whose identifier this is.
    func description(of key: KeyIdentifier) -> KeyDescription {
        KeyDescription(
            identifier: key, modulus: modulus, exponent: exponent, isEnabled: isEnabled,
            notBeforeSeconds: notBeforeSeconds, expiresSeconds: expiresSeconds,
            createdSeconds: createdSeconds)
    }
}
