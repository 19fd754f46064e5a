public import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// Returns if a store with an identity can be set up with a key: the vault has purge protection, the
    /// identity is switched on and holds `get`, `wrapKey` and `unwrapKey`, and the key is enabled, inside
    /// nbf…exp, and may wrap and unwrap.
    ///
    /// A key that expires later goes on serving a store that was set up with it.
    ///
    /// - Throws: `purgeProtectionMissing`, `identityDisabled`, `accessDenied`, `keyDisabled`,
    ///   `keyNotYetValid`, `keyExpired`, `operationNotPermitted`.
    public func checkSuitableForStore(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline = .none
    ) throws(VaultError) {
        let isPurgeProtected = try read(key.vault) { _, vault throws(DatabaseError) in
            .success(vault.isPurgeProtected)
        }
        guard isPurgeProtected else {
            throw VaultError(
                .purgeProtectionMissing,
                "the vault '\(key.vault)' has no purge protection, and whoever purges a key destroys "
                    + "what it has sealed: turn it on, or use a key of another vault")
        }
        for operation in KeyOperation.ofStores {
            let standing = try standing(key, for: operation, as: identity, deadline)
            try standing.checkUse(operation)
        }
    }
}
