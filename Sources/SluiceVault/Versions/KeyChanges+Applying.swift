internal import SluiceAccess

extension KeyChanges {
    /// The row with the changes.
    func applied(to row: KeyVersionRow, atSeconds now: Int) -> KeyVersionRow {
        let notBefore = removed.contains(.notBefore) ? nil : row.notBeforeSeconds
        let expires = removed.contains(.expiry) ? nil : row.expiresSeconds
        return KeyVersionRow(
            name: row.name, version: row.version, publicKey: row.publicKey,
            operations: operations ?? row.operations, isEnabled: isEnabled ?? row.isEnabled,
            notBeforeSeconds: notBeforeSeconds ?? notBefore,
            expiresSeconds: expiresSeconds ?? expires,
            createdSeconds: row.createdSeconds, updatedSeconds: now, privateKey: row.privateKey,
            tags: tags ?? row.tags, keyDeletion: row.keyDeletion,
            versionDeletion: row.versionDeletion, isRetiring: row.isRetiring)
    }
}
