public import SluiceAccess

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
    public func sealRootKey(under source: RootKeySource) throws(VaultError) {
        try directory.rootKeyChanges.seal(under: source, as: principal)
    }
}
