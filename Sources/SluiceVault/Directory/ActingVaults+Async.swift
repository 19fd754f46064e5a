public import SluiceAccess

// The asynchronous overloads: each runs its synchronous twin on the vaults' queue. A task that is cancelled before it
// begins changes nothing, `VaultError.Code.cancelled`; what has begun is carried through.
extension ActingVaults {
    /// Gives an identity a policy in a vault, in the place of the one it has. See the synchronous method.
    public func setAccessPolicy(
        vault name: String, for subject: Identity,
        permissions: [KeyOperation] = KeyOperation.ofStores,
        waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<VaultProperties> {
        try await directory.runner.run { () throws(VaultError) in
            try setAccessPolicy(
                vault: name, for: subject, permissions: permissions, waiting: deadline)
        }
    }

    /// Removes the policy of an identity from a vault. See the synchronous method.
    public func deleteAccessPolicy(
        vault name: String, for subject: Identity, waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<VaultProperties> {
        try await directory.runner.run { () throws(VaultError) in
            try deleteAccessPolicy(vault: name, for: subject, waiting: deadline)
        }
    }

    /// Deletes a key with all its versions, or one version. See the synchronous method.
    public func deleteKey(_ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<DeletedKeyBundle>
    {
        try await directory.runner.run { () throws(VaultError) in
            try deleteKey(key, waiting: deadline)
        }
    }

    /// A deleted key, or version. See the synchronous method.
    public func deletedKey(_ key: KeyIdentifier) async throws(VaultError) -> DeletedKeyBundle {
        try await directory.runner.run { () throws(VaultError) in try deletedKey(key) }
    }

    /// The deleted keys of a vault, and the versions that were deleted by themselves, in the order of their names. See the synchronous method.
    public func deletedKeys(vault name: String) async throws(VaultError) -> [DeletedKeyItem] {
        try await directory.runner.run { () throws(VaultError) in try deletedKeys(vault: name) }
    }

    /// Brings back a deleted key with all its versions, or one version. See the synchronous method.
    public func recoverKey(_ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<KeyBundle>
    {
        try await directory.runner.run { () throws(VaultError) in
            try recoverKey(key, waiting: deadline)
        }
    }

    /// Removes a deleted key with all its versions, or one version, for good. See the synchronous method.
    public func purgeKey(_ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<Void>
    {
        try await directory.runner.run { () throws(VaultError) in
            try purgeKey(key, waiting: deadline)
        }
    }

    /// Deletes a vault, and with it all its keys. See the synchronous method.
    public func deleteVault(_ name: String, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<DeletedVault>
    {
        try await directory.runner.run { () throws(VaultError) in
            try deleteVault(name, waiting: deadline)
        }
    }

    /// The deleted vaults that can be recovered, in the order of their names. See the synchronous method.
    public func deletedVaults() async throws(VaultError) -> [DeletedVault] {
        try await directory.runner.run { () throws(VaultError) in try deletedVaults() }
    }

    /// Brings a deleted vault back, with all its keys and policies. See the synchronous method.
    public func recoverVault(_ name: String, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<VaultProperties>
    {
        try await directory.runner.run { () throws(VaultError) in
            try recoverVault(name, waiting: deadline)
        }
    }

    /// Removes a deleted vault with all its keys for good. See the synchronous method.
    public func purgeVault(_ name: String, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<Void>
    {
        try await directory.runner.run { () throws(VaultError) in
            try purgeVault(name, waiting: deadline)
        }
    }

    /// Switches an identity on or off, for all vaults. See the synchronous method.
    public func setIdentity(
        _ subject: Identity, isEnabled: Bool, waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<Void> {
        try await directory.runner.run { () throws(VaultError) in
            try setIdentity(subject, isEnabled: isEnabled, waiting: deadline)
        }
    }

    /// Changes what a key version may be used for, and when; of a versionless identifier, the newest version, enabled or not. See the synchronous method.
    public func updateKey(
        _ key: KeyIdentifier, _ changes: KeyChanges, waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<KeyBundle> {
        try await directory.runner.run { () throws(VaultError) in
            try updateKey(key, changes, waiting: deadline)
        }
    }

    /// Makes a new version of a key: with the operations and tags of the newest one, enabled, expiring as the key's rotation policy says. See the synchronous method.
    public func rotateKey(vault: String, name: String, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<KeyBundle>
    {
        try await directory.runner.run { () throws(VaultError) in
            try rotateKey(vault: vault, name: name, waiting: deadline)
        }
    }

    /// Makes a key, or a new version of it if the name exists. See the synchronous method.
    public func createKey(
        vault: String, name: String, kind: KeyKind = .rsa2048, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) async throws(VaultError) -> KeyBundle {
        try await directory.runner.run { () throws(VaultError) in
            try createKey(
                vault: vault, name: name, kind: kind, tags: tags, settings: settings)
        }
    }

    /// Imports an unencrypted private key of one of the kinds (PEM: PKCS#1, SEC 1 or PKCS#8), as a key or, if the name exists, as a new version of it. See the synchronous method.
    public func importKey(
        vault: String, name: String, pem: [UInt8], tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) async throws(VaultError) -> KeyBundle {
        try await directory.runner.run { () throws(VaultError) in
            try importKey(vault: vault, name: name, pem: pem.span, tags: tags, settings: settings)
        }
    }

    /// A key version; of a versionless identifier, the newest one, enabled or not. See the synchronous method.
    public func key(_ key: KeyIdentifier) async throws(VaultError) -> KeyBundle {
        try await directory.runner.run { () throws(VaultError) in try self.key(key) }
    }

    /// The keys of a vault, in the order of their names, each with its newest version's attributes. See the synchronous method.
    public func keys(vault name: String) async throws(VaultError) -> [KeyItem] {
        try await directory.runner.run { () throws(VaultError) in try keys(vault: name) }
    }

    /// The versions of a key, the newest first. See the synchronous method.
    public func keyVersions(vault: String, name: String) async throws(VaultError) -> [KeyItem] {
        try await directory.runner.run { () throws(VaultError) in
            try keyVersions(vault: vault, name: name)
        }
    }

    /// What was done with the keys of a vault, by all processes, the oldest first. See the synchronous method.
    public func operations(vault name: String, after position: OperationLogPosition? = nil)
        async throws(VaultError) -> OperationPage
    {
        try await directory.runner.run { () throws(VaultError) in
            try operations(vault: name, after: position)
        }
    }

    /// The rotation policy of a key; that of all keys if it has none of its own. See the synchronous method.
    public func rotationPolicy(vault: String, name: String) async throws(VaultError)
        -> RotationPolicy
    {
        try await directory.runner.run { () throws(VaultError) in
            try rotationPolicy(vault: vault, name: name)
        }
    }

    /// Gives a key a rotation policy. See the synchronous method.
    public func setRotationPolicy(_ policy: RotationPolicy, vault: String, name: String)
        async throws(VaultError) -> RotationPolicy
    {
        try await directory.runner.run { () throws(VaultError) in
            try setRotationPolicy(policy, vault: vault, name: name)
        }
    }

    /// Makes a vault; the first one makes the directory and the root key too. See the synchronous method.
    public func createVault(name: String, retentionDays: Int = 90, isPurgeProtected: Bool = true)
        async throws(VaultError) -> VaultProperties
    {
        try await directory.runner.run { () throws(VaultError) in
            try createVault(
                name: name, retentionDays: retentionDays, isPurgeProtected: isPurgeProtected)
        }
    }

    /// The vaults there are, in the order of their names, the reserved one among them. See the synchronous method.
    public func vaults() async throws(VaultError) -> [VaultProperties] {
        try await directory.runner.run { () throws(VaultError) in try vaults() }
    }

    /// A vault, with its policies. See the synchronous method.
    public func vault(_ name: String) async throws(VaultError) -> VaultProperties {
        try await directory.runner.run { () throws(VaultError) in try vault(name) }
    }

    /// Turns a vault's purge protection on, which can't be turned off again. See the synchronous method.
    public func enablePurgeProtection(vault name: String) async throws(VaultError)
        -> VaultProperties
    {
        try await directory.runner.run { () throws(VaultError) in
            try enablePurgeProtection(vault: name)
        }
    }

    /// Takes out of a vault's database what Sluice never puts there, and says what that was. See the synchronous method.
    public func repairVault(_ name: String) async throws(VaultError) -> [String] {
        try await directory.runner.run { () throws(VaultError) in try repairVault(name) }
    }

    /// A backup of a key, with all its versions, their attributes and tags, and its rotation policy: bytes to be kept as a file. See the synchronous method.
    public func backupKey(vault: String, name: String) async throws(VaultError) -> [UInt8] {
        try await directory.runner.run { () throws(VaultError) in
            try backupKey(vault: vault, name: name)
        }
    }

    /// Makes a key of a backup, in the vault that it was in, where there is no key of its name: all its versions, with the identifiers that they had. See the synchronous method.
    public func restoreKey(
        vault: String, from backup: [UInt8], waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<KeyBundle> {
        try await directory.runner.run { () throws(VaultError) in
            try restoreKey(vault: vault, from: backup, waiting: deadline)
        }
    }

    /// A backup of a vault: its keys, those that are deleted, policies, and which stores have registered scopes; bytes to be kept as a file. See the synchronous method.
    public func backupVault(_ name: String) async throws(VaultError) -> [UInt8] {
        try await directory.runner.run { () throws(VaultError) in try backupVault(name) }
    }

    /// Makes a vault of a backup, where there is none of its name. See the synchronous method.
    public func restoreVault(from backup: [UInt8], waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<VaultProperties>
    {
        try await directory.runner.run { () throws(VaultError) in
            try restoreVault(from: backup, waiting: deadline)
        }
    }

    /// Gives the vaults another root key: everything that the old one has sealed is sealed anew, in each vault at once. See the synchronous method.
    public func rotateRootKey() async throws(VaultError) -> RootKeyRotation {
        try await directory.runner.run { () throws(VaultError) in try rotateRootKey() }
    }

    /// Changes how the root key, which stays the same, is come by: from now on by this passphrase, or by a key file. See the synchronous method.
    public func sealRootKey(under source: RootKeySource) async throws(VaultError) {
        try await directory.runner.run { () throws(VaultError) in try sealRootKey(under: source) }
    }

    /// Makes a vault. See the synchronous method.
    public func create(_ name: String) async throws(VaultError) -> ActingVault {
        try await directory.runner.run { () throws(VaultError) in try create(name) }
    }

    /// Makes a vault of a backup, where there is none of its name. See the synchronous method.
    public func restore(from backup: [UInt8]) async throws(VaultError) -> ActingVault {
        try await directory.runner.run { () throws(VaultError) in try restore(from: backup) }
    }

    /// A vault that is there. See the synchronous method.
    public func open(_ name: String) async throws(VaultError) -> ActingVault {
        try await directory.runner.run { () throws(VaultError) in try open(name) }
    }
}
