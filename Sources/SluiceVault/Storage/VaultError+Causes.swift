internal import SluiceAccess
internal import SluiceNative

extension VaultError {
    /// A failure of a vault's database.
    init(_ error: DatabaseError, vault: String) {
        if error.isOutcomeUnknown {
            self.init(
                .outcomeUnknown,
                "the change of the vault '\(vault)' may or may not have been saved "
                    + "(\(error.message)): see `sluice keyvault key list`, and check the disk")
        } else if error.isBusy {
            self.init(
                .busy, "another process is using the vault '\(vault)': try again shortly")
        } else if error.isSchemaAltered {
            self.init(
                .damaged,
                "somebody has changed what the database of the vault '\(vault)' is made of: "
                    + "\(error.message); `sluice keyvault repair --name \(vault)` takes out what "
                    + "doesn't belong there")
        } else if error.isCorrupt || error.isNotADatabase || error.isTooLong {
            self.init(
                .damaged,
                "the database of the vault '\(vault)' is damaged (\(error.message)): restore the "
                    + "vault from a backup")
        } else if let remedy = error.remedyOfLimit {
            self.init(
                error.isFull ? .noSpace : .io,
                "the database of the vault '\(vault)' can't be used (\(error.message)): \(remedy)")
        } else if error.isFull {
            self.init(
                .noSpace,
                "no room to use the vault '\(vault)': make room on the disk and try again")
        } else {
            self.init(
                .io,
                "the database of the vault '\(vault)' failed (\(error.message)): check the disk and "
                    + "the permissions of its directory")
        }
    }

    static func vaultNotFound(_ name: String) -> VaultError {
        VaultError(
            .vaultNotFound,
            "there is no vault '\(name)': `sluice keyvault list` shows those there are, `sluice "
                + "keyvault create --name \(name)` makes it")
    }

    static func keyNotFound(_ key: KeyIdentifier) -> VaultError {
        let listing =
            key.version == nil
            ? "list --vault-name \(key.vault)"
            : "list-versions --id \(key.versionless)"
        return VaultError(
            .keyNotFound,
            "there is no key \(key): `sluice keyvault key \(listing)` shows those there are")
    }

    /// A deleted key, or version, whose time has come by a clock that isn't believed.
    static func hidden(_ key: KeyIdentifier, _ deletion: Deletion) -> VaultError {
        VaultError(
            .keyDeleted,
            "\(key) is deleted, and was to go at \(CalendarDuration.text(ofSeconds: deletion.purgeSeconds)), which "
                + "has come only by a clock that may have run ahead: set the clock right, then `sluice "
                + "keyvault key recover --id \(key)` brings it back; or use another name")
    }

    /// A key, or one version of it, that can be brought back.
    static func deleted(_ key: KeyIdentifier, _ row: KeyVersionRow) -> VaultError {
        let version = (try? key.versioned(row.version)) ?? key
        let deleted = row.keyDeletion == nil ? version : key.versionless
        return VaultError(
            .keyDeleted,
            "\(key) is deleted: `sluice keyvault key recover --id \(deleted)` brings it back")
    }
}
