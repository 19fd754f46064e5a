public import SluiceAccess

// MARK: - Backups

extension ActingVaults {
    /// A backup of a key, with all its versions, their attributes and tags, and its rotation policy: bytes to be kept
    /// as a file.
    ///
    /// Only the root key that these vaults have now opens them, and they hold nothing that anybody can use without it.
    ///
    /// Needs the permission `backup`.
    ///
    /// - Throws: `damaged` if a version can't be opened; `accessDenied` in the reserved vault.
    @available(*, noasync)
    public func backupKey(vault: String, name: String) throws(VaultError) -> [UInt8] {
        try directory.keyBackups.backup(vault: vault, name: name, as: principal)
    }

    /// Makes a key of a backup, in the vault that it was in, where there is no key of its name: all its versions, with
    /// the identifiers that they had. Its newest version.
    ///
    /// Every version is as it was when the backup was made: one that was disabled or retired since is enabled again, and
    /// the vault's log says so (`restoreEnabled`). Who may use it, the vault's policies say, as for every key.
    ///
    /// Needs the permission `restore`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `alreadyExists` if there is a key of the name, be it a deleted one; `wrongRootKey` if the backup was
    ///   made under another root key; `damaged` if it was changed; `invalidArgument` if it is of another vault, or
    ///   of a whole one.
    @available(*, noasync)
    public func restoreKey(
        vault: String, from backup: [UInt8], waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try directory.keyBackups.restore(
            vault: vault, from: backup, waiting: deadline, as: principal)
    }

    /// A backup of a vault: its keys, those that are deleted, policies, and which stores have registered scopes; bytes to
    /// be kept as a file.
    ///
    /// Only the root key that these vaults have now opens them. The operation log is not among them.
    ///
    /// - Throws: `damaged` if something in the vault can't be opened; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func backupVault(_ name: String) throws(VaultError) -> [UInt8] {
        try directory.vaultBackups.backup(name, as: principal)
    }

    /// Makes a vault of a backup, where there is none of its name.
    ///
    /// It is the vault that it was: stores that were under its keys then are again. Everything is as it was when the
    /// backup was made, policies too, so whoever was revoked since has access again; what the vault was told since is
    /// not in it, and a scope that was made since is refused. Where there are no vaults yet the key file must be there.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `alreadyExists`; `vaultDeleted` if the name belongs to a deleted vault; `wrongRootKey` if the backup
    ///   was made under another root key; `rootKeyMissing`; `damaged` if it was changed; `invalidArgument` if it is of a
    ///   key; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func restoreVault(
        from backup: [UInt8], waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try directory.vaultBackups.restore(from: backup, waiting: deadline, as: principal)
    }
}

// MARK: - The root key, which opens them

extension ActingVaults {
    /// Gives the vaults another root key: everything that the old one has sealed is sealed anew, in each vault at once.
    ///
    /// Can be cut short anywhere: until it is done either root key is at hand to whoever could open the vaults before, and
    /// whoever opens them next finishes it. Other processes go on, with the new one. It is kept where the old one was:
    /// in the key file, or sealed under the same passphrase, which is asked for.
    ///
    /// Backups that were made before need the old root key, which is kept nowhere. The keys themselves stay what they are:
    /// who has had the old root key and the vaults' files has them.
    ///
    /// - Throws: `damaged`, with nothing changed, if something in a vault can't be opened; `readOnly` if the key file
    ///   can't be replaced; `busy`; `invalidArgument` in memory; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func rotateRootKey() throws(VaultError) -> RootKeyRotation {
        try directory.rootKeyChanges.rotate(as: principal)
    }

    /// Changes how the root key, which stays the same, is come by: from now on by this passphrase, or by a key file.
    ///
    /// The usual key file, in the vaults' directory, goes when a passphrase takes its place, and is overwritten before
    /// its space is; a key file elsewhere is the caller's to remove. Can be cut short anywhere: then the one way holds or
    /// the other. Other processes go on.
    ///
    /// Whoever has a copy of the files from before opens the vaults with the former passphrase, still: where that is
    /// known to somebody, change the root key, too.
    ///
    /// - Throws: `alreadyExists` if there is another key file, or the vaults are under one already; `invalidArgument`
    ///   for a passphrase of less than 8 characters, and in memory; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func sealRootKey(under source: RootKeySource) throws(VaultError) {
        try directory.rootKeyChanges.seal(under: source, as: principal)
    }
}
