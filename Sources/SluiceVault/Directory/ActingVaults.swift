public import SluiceAccess

/// The vaults of a directory as one principal uses them, with what it is permitted: the only way to change a
/// vault, or to see what is in it.
///
/// Every change that gives or takes access returns an ``AccessChange``. For any thread. Each method has an asynchronous
/// overload, for tasks: cancelled before it begins it throws `cancelled`, and changes nothing; what has begun is carried
/// through, and waits for readers until the deadline.
public struct ActingVaults: Sendable {
    let directory: VaultDirectory
    /// Who acts.
    public let principal: Identity
}

extension VaultDirectory {
    /// The vaults as a principal uses them.
    public func acting(as principal: Identity) -> ActingVaults {
        ActingVaults(directory: self, principal: principal)
    }
}

// MARK: - AccessPolicies

extension ActingVaults {
    /// Gives an identity a policy in a vault, in the place of the one it has.
    ///
    /// - Parameters:
    ///   - permissions: What it may do; by default, what a store needs.
    ///   - deadline: Until when readers may confirm.
    /// - Throws: `invalidArgument` for an identity that is none, or the owner; `accessDenied` in the
    ///   reserved vault, and for all but the owner.
    @available(*, noasync)
    public func setAccessPolicy(
        vault name: String, for subject: Identity,
        permissions: [KeyOperation] = KeyOperation.ofStores,
        waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try directory.accessPolicies.set(
            vault: name, for: subject, permissions: permissions, waiting: deadline, as: principal)
    }

    /// Removes the policy of an identity from a vault.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `policyNotFound`; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func deleteAccessPolicy(
        vault name: String, for subject: Identity, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try directory.accessPolicies.delete(
            vault: name, for: subject, waiting: deadline, as: principal)
    }
}

// MARK: - DeletedKeys

extension ActingVaults {
    /// Deletes a key with all its versions, or one version.
    ///
    /// Needs the permission `delete`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    @available(*, noasync)
    public func deleteKey(
        _ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<DeletedKeyBundle> {
        try directory.deletedKeys.delete(key, waiting: deadline, as: principal)
    }

    /// A deleted key, or version.
    ///
    /// Needs the permission `get`.
    ///
    /// - Throws: `keyNotFound` if it is not deleted.
    @available(*, noasync)
    public func deletedKey(
        _ key: KeyIdentifier
    ) throws(VaultError) -> DeletedKeyBundle {
        try directory.deletedKeys.show(key, as: principal)
    }

    /// The deleted keys of a vault, and the versions that were deleted by themselves, in the order of
    /// their names.
    ///
    /// Needs the permission `list`.
    @available(*, noasync)
    public func deletedKeys(
        vault name: String
    ) throws(VaultError) -> [DeletedKeyItem] {
        try directory.deletedKeys.all(vault: name, as: principal)
    }

    /// Brings back a deleted key with all its versions, or one version.
    ///
    /// Needs the permission `recover`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `keyNotFound` if it is not deleted.
    @available(*, noasync)
    public func recoverKey(
        _ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try directory.deletedKeys.recover(key, waiting: deadline, as: principal)
    }

    /// Removes a deleted key with all its versions, or one version, for good.
    ///
    /// Needs the permission `purge`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `keyNotFound` if it is not deleted; `purgeProtected` before its scheduled date, if the
    ///   vault has purge protection.
    @available(*, noasync)
    public func purgeKey(
        _ key: KeyIdentifier, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<Void> {
        try directory.deletedKeys.purge(key, waiting: deadline, as: principal)
    }
}

// MARK: - DeletedVaults

extension ActingVaults {
    /// Deletes a vault, and with it all its keys.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `accessDenied` for the reserved vault, and for all but the owner.
    @available(*, noasync)
    public func deleteVault(
        _ name: String, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<DeletedVault> {
        try directory.deletedVaults.delete(name, waiting: deadline, as: principal)
    }

    /// The deleted vaults that can be recovered, in the order of their names.
    ///
    /// - Throws: `accessDenied` for all but the owner.
    @available(*, noasync)
    public func deletedVaults() throws(VaultError) -> [DeletedVault] {
        try directory.deletedVaults.all(as: principal)
    }

    /// Brings a deleted vault back, with all its keys and policies.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `vaultNotFound` if it is not deleted; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func recoverVault(
        _ name: String, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try directory.deletedVaults.recover(name, waiting: deadline, as: principal)
    }

    /// Removes a deleted vault with all its keys for good.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `vaultNotFound` if it is not deleted; `purgeProtected` before its scheduled date, if it
    ///   has purge protection; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func purgeVault(
        _ name: String, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<Void> {
        try directory.deletedVaults.purge(name, waiting: deadline, as: principal)
    }
}

// MARK: - Identities

extension ActingVaults {
    /// Switches an identity on or off, for all vaults.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `invalidArgument` for an identity that is none, or the owner; `accessDenied` for all but
    ///   the owner.
    @available(*, noasync)
    public func setIdentity(
        _ subject: Identity, isEnabled: Bool, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<Void> {
        try directory.identities.set(
            subject, isEnabled: isEnabled, waiting: deadline, as: principal)
    }
}

// MARK: - KeyChanges

extension ActingVaults {
    /// Changes what a key version may be used for, and when; of a versionless identifier, the newest
    /// version, enabled or not.
    ///
    /// Needs the permission `update`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `invalidArgument`.
    @available(*, noasync)
    public func updateKey(
        _ key: KeyIdentifier, _ changes: KeyChanges, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try directory.keys.update(key, changes, waiting: deadline, as: principal)
    }

    /// Makes a new version of a key: with the operations and tags of the newest one, enabled, expiring as
    /// the key's rotation policy says.
    ///
    /// Needs the permission `rotate`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    @available(*, noasync)
    public func rotateKey(
        vault: String, name: String, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try directory.keys.rotate(vault: vault, name: name, waiting: deadline, as: principal)
    }
}

// MARK: - Keys

extension ActingVaults {
    /// Makes a key, or a new version of it if the name exists.
    ///
    /// Needs the permission `create`.
    ///
    /// - Parameters:
    ///   - kind: Its algorithm, with its size or curve; stores can be under ``KeyKind/ofStores``.
    ///   - tags: The caller's own notes: at most 15, of at most 256 characters each.
    /// - Throws: `invalidName`, `invalidArgument`; `keyDeleted` if the
    ///   name belongs to a deleted key; `accessDenied` in the reserved vault.
    @available(*, noasync)
    public func createKey(
        vault: String, name: String, kind: KeyKind = .rsa2048, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        try directory.keys.create(
            vault: vault, name: name, kind: kind, tags: tags, settings: settings, as: principal)
    }

    /// Imports an unencrypted private key of one of the kinds (PEM: PKCS#1, SEC 1 or PKCS#8), as a key or, if the name
    /// exists, as a new version of it.
    ///
    /// The caller's bytes are the caller's to wipe.
    ///
    /// - Throws: `unsupportedKey` or `malformedKey` with the reason; otherwise as
    ///   ``createKey(vault:name:kind:tags:settings:)``, the permission being `import`.
    @available(*, noasync)
    public func importKey(
        vault: String, name: String, pem: Span<UInt8>, tags: [String: String] = [:],
        settings: KeySettings = KeySettings()
    ) throws(VaultError) -> KeyBundle {
        try directory.keys.import(
            vault: vault, name: name, pem: pem, tags: tags, settings: settings, as: principal)
    }

    /// A key version; of a versionless identifier, the newest one, enabled or not.
    ///
    /// Needs the permission `get`.
    ///
    /// The public key is authenticated.
    @available(*, noasync)
    public func key(
        _ key: KeyIdentifier
    ) throws(VaultError) -> KeyBundle {
        try directory.keys.key(key, as: principal)
    }

    /// The keys of a vault, in the order of their names, each with its newest version's attributes.
    ///
    /// Needs the permission `list`.
    @available(*, noasync)
    public func keys(
        vault name: String
    ) throws(VaultError) -> [KeyItem] {
        try directory.keys.keys(vault: name, as: principal)
    }

    /// The versions of a key, the newest first.
    ///
    /// Needs the permission `list`.
    @available(*, noasync)
    public func keyVersions(
        vault: String, name: String
    ) throws(VaultError) -> [KeyItem] {
        try directory.keys.versions(vault: vault, name: name, as: principal)
    }
}

// MARK: - Operations

extension ActingVaults {
    /// What was done with the keys of a vault, by all processes, the oldest first.
    ///
    /// A vault in directories keeps the last 8 to 16 MiB, one in memory the last 4096 operations. An
    /// operation of another process is seen some milliseconds later.
    ///
    /// - Parameter position: Where an earlier call ended, to get only what came since.
    @available(*, noasync)
    public func operations(
        vault name: String, after position: OperationLogPosition? = nil
    ) throws(VaultError) -> OperationPage {
        try directory.administration.operations(vault: name, after: position, as: principal)
    }
}

// MARK: - Rotation

extension ActingVaults {
    /// The rotation policy of a key; that of all keys if it has none of its own.
    ///
    /// Needs the permission `getRotationPolicy`.
    @available(*, noasync)
    public func rotationPolicy(
        vault: String, name: String
    ) throws(VaultError) -> RotationPolicy {
        try directory.rotationPolicies.policy(vault: vault, name: name, as: principal)
    }

    /// Gives a key a rotation policy. What it says happens when somebody next asks for the key's newest
    /// version, or its versions, and the clock says that it is due: once, whatever the number of
    /// processes.
    ///
    /// Needs the permission `setRotationPolicy`.
    ///
    /// - Throws: `invalidArgument`.
    @available(*, noasync)
    public func setRotationPolicy(
        _ policy: RotationPolicy, vault: String, name: String
    ) throws(VaultError) -> RotationPolicy {
        try directory.rotationPolicies.set(policy, vault: vault, name: name, as: principal)
    }
}

// MARK: - Vaults

extension ActingVaults {
    /// Makes a vault; the first one makes the directory and the root key too.
    ///
    /// - Parameters:
    ///   - retentionDays: For how many days a deleted key can be recovered, 7 to 90.
    ///   - isPurgeProtected: Whether it can't be purged before that; without it no store is set up with
    ///     the vault's keys.
    /// - Throws: `invalidName`, also for a reserved name; `invalidArgument`; `alreadyExists`;
    ///   `vaultDeleted` if the name belongs to a deleted vault; `accessDenied` for all but the owner.
    @available(*, noasync)
    public func createVault(
        name: String, retentionDays: Int = 90, isPurgeProtected: Bool = true
    ) throws(VaultError) -> VaultProperties {
        try directory.administration.create(
            name: name, retentionDays: retentionDays, isPurgeProtected: isPurgeProtected,
            as: principal)
    }

    /// The vaults there are, in the order of their names, the reserved one among them.
    ///
    /// - Throws: `accessDenied` for all but the owner.
    @available(*, noasync)
    public func vaults() throws(VaultError) -> [VaultProperties] {
        try directory.administration.all(as: principal)
    }

    /// A vault, with its policies.
    ///
    /// - Throws: `accessDenied` for all but the owner.
    @available(*, noasync)
    public func vault(
        _ name: String
    ) throws(VaultError) -> VaultProperties {
        try directory.administration.show(name, as: principal)
    }

    /// Turns a vault's purge protection on, which can't be turned off again.
    ///
    /// - Throws: `accessDenied` for all but the owner.
    @available(*, noasync)
    public func enablePurgeProtection(
        vault name: String
    ) throws(VaultError) -> VaultProperties {
        try directory.administration.enablePurgeProtection(vault: name, as: principal)
    }

    /// Takes out of a vault's database what Sluice never puts there, and says what that was.
    ///
    /// A vault whose database holds a trigger or a view, or lacks an index, is `damaged` to everything else:
    /// somebody who could write the file has changed it. What its rows say stays as it is, so they should be
    /// looked at.
    ///
    /// - Throws: `accessDenied` for all but the owner; `damaged` if a table is missing or was altered.
    @available(*, noasync)
    public func repairVault(
        _ name: String
    ) throws(VaultError) -> [String] {
        try directory.administration.repair(name, as: principal)
    }
}
