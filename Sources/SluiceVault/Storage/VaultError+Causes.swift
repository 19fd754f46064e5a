internal import SluiceAccess
internal import SluiceNative

extension VaultError {
    /// A failure of a vault's database.
    init(_ error: DatabaseError, vault: String) {
        if error.isOutcomeUnknown {
            self.init(
                .outcomeUnknown,
                "the change of the vault '\(vault)' may or may not have been saved (\(error.message))",
                about: .vault(vault), remedies: [.list(.keys(vault: vault))], cause: error)
        } else if error.isBusy {
            self.init(
                .busy, "another process is using the vault '\(vault)'", about: .vault(vault),
                remedies: [.tryAgain], cause: error)
        } else if error.isSchemaAltered {
            self.init(
                .damaged,
                "somebody has changed what the database of the vault '\(vault)' is made of: "
                    + error.message, about: .vault(vault), remedies: [.run(.repairVault(vault))],
                cause: error)
        } else if error.isCorrupt || error.isNotADatabase || error.isTooLong {
            self.init(
                .damaged, "the database of the vault '\(vault)' is damaged (\(error.message))",
                about: .vault(vault), remedies: [.restoreVaults], cause: error)
        } else if let limit = error.reachedLimit {
            self.init(
                error.isFull ? .noSpace : .io,
                "the database of the vault '\(vault)' can't be used (\(error.message))",
                about: .vault(vault), remedies: [.raise(limit)], cause: error)
        } else if error.isFull {
            self.init(
                .noSpace, "there is no room to use the vault '\(vault)'", about: .vault(vault),
                remedies: [.machine(.freeSpace)], cause: error)
        } else {
            self.init(
                .io, "the database of the vault '\(vault)' failed (\(error.message))",
                about: .vault(vault),
                remedies: [.other("check the disk, and the permissions of the vaults' directory")],
                cause: error)
        }
    }

    static func notDatabase(_ path: String, of vault: String) -> VaultError {
        VaultError(
            .damaged, "'\(path)' is not the database of the vault '\(vault)', or is missing",
            about: .vault(vault), remedies: [.putBack("the right one")])
    }

    static func vaultNotFound(_ name: String) -> VaultError {
        VaultError(
            .vaultNotFound, "there is no vault '\(name)'", about: .vault(name),
            remedies: [.list(.vaults), .make(.vault(name))])
    }

    static func keyNotFound(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .keyNotFound, "there is no key \(key)", about: .key(key),
            remedies: key.version == nil
                ? [.list(.keys(vault: key.vault)), .make(.key(key))]
                : [.list(.keyVersions(key.versionless))])
    }

    /// A deleted key, or version, whose time has come by a clock that isn't believed.
    static func hidden(_ key: KeyIdentifier, _ deletion: Deletion) -> VaultError {
        VaultError(
            .keyDeleted,
            "\(key) is deleted, and was to go at \(CalendarDuration.text(ofSeconds: deletion.purgeSeconds)), which "
                + "has come only by a clock that may have run ahead", about: .key(key),
            remedies: [.machine(.setClock), .change(.recover(key)), .choose(.otherName)])
    }

    /// A key, or one version of it, that can be brought back.
    static func deleted(_ key: KeyIdentifier, _ row: KeyVersionRow) -> VaultError {
        let version = (try? key.versioned(row.version)) ?? key
        let deleted = row.keyDeletion == nil ? version : key.versionless
        return VaultError(
            .keyDeleted, "\(key) is deleted", about: .key(key),
            remedies: [.change(.recover(deleted))])
    }
}
