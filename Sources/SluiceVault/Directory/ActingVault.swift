public import SluiceAccess

/// One vault as one principal uses it. For any thread.
public struct ActingVault: Sendable {
    let vaults: ActingVaults
    /// The vault's name.
    public let name: String

    /// Makes an RSA-2048 key, or a new version of it if the name exists: this version.
    ///
    /// Needs the permission `create`. Throws as ``ActingVaults/createKey(vault:name:kind:tags:settings:)``.
    @available(*, noasync)
    public func createKey(
        _ name: String, tags: [String: String] = [:], settings: KeySettings = KeySettings()
    ) throws(VaultError) -> ActingKey {
        let bundle = try vaults.createKey(
            vault: self.name, name: name, tags: tags, settings: settings)
        return ActingKey(vaults: vaults, id: bundle.key.kid)
    }

    /// The newest version of a key, enabled or not. Needs the permission `get`.
    @available(*, noasync)
    public func key(_ name: String) throws(VaultError) -> ActingKey {
        let bundle = try vaults.key(try KeyIdentifier(vault: self.name, name: name))
        return ActingKey(vaults: vaults, id: bundle.key.kid)
    }

    /// A backup of the vault; see ``ActingVaults/backupVault(_:)``.
    @available(*, noasync)
    public func backup() throws(VaultError) -> [UInt8] { try vaults.backupVault(name) }

    /// Makes a key of a backup, where there is none of its name: its newest version. Needs the permission `restore`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: As ``ActingVaults/restoreKey(vault:from:waiting:)``.
    @available(*, noasync)
    public func restoreKey(
        from backup: [UInt8], waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> ActingKey {
        let change = try vaults.restoreKey(vault: name, from: backup, waiting: deadline)
        return ActingKey(vaults: vaults, id: change.result.key.kid)
    }

    /// Permits an identity to do something with the vault's keys, in the place of what it was permitted; by default
    /// what a store needs.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: As ``ActingVaults/setAccessPolicy(vault:for:permissions:waiting:)``.
    @available(*, noasync)
    @discardableResult
    public func permit(
        _ identity: Identity, _ permissions: [KeyOperation] = KeyOperation.ofStores,
        waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try vaults.setAccessPolicy(
            vault: name, for: identity, permissions: permissions, waiting: deadline)
    }

    /// Permits an identity nothing any more: when this returns confirmed, no process releases another byte that it
    /// reads with the vault's keys.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: As ``ActingVaults/deleteAccessPolicy(vault:for:waiting:)``.
    @available(*, noasync)
    @discardableResult
    public func revoke(
        _ identity: Identity, waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try vaults.deleteAccessPolicy(vault: name, for: identity, waiting: deadline)
    }
}

/// One version of a key as one principal uses it. For any thread.
public struct ActingKey: Sendable {
    let vaults: ActingVaults
    /// The version.
    public let id: KeyIdentifier

    /// The key, whichever of its versions is the newest: what a scope is set to that follows it.
    public var versionless: KeyIdentifier { id.versionless }

    /// A backup of the key, with all its versions. Needs the permission `backup`.
    ///
    /// - Throws: As ``ActingVaults/backupKey(vault:name:)``.
    @available(*, noasync)
    public func backup() throws(VaultError) -> [UInt8] {
        try vaults.backupKey(vault: id.vault, name: id.name)
    }

    /// Makes a new version of the key: that one. Needs the permission `rotate`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    @available(*, noasync)
    public func rotate(
        waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> ActingKey {
        let change = try vaults.rotateKey(vault: id.vault, name: id.name, waiting: deadline)
        return ActingKey(vaults: vaults, id: change.result.key.kid)
    }

    /// Has the version refuse everything. Needs the permission `update`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    @available(*, noasync)
    @discardableResult
    public func disable(
        waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try vaults.updateKey(id, KeyChanges(isEnabled: false), waiting: deadline)
    }

    /// Has the version serve again. Needs the permission `update`.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    @available(*, noasync)
    @discardableResult
    public func enable(
        waiting deadline: Deadline = .seconds(5)
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try vaults.updateKey(id, KeyChanges(isEnabled: true), waiting: deadline)
    }
}

extension ActingVaults {
    /// Makes a vault; see ``createVault(name:isPurgeProtected:)``.
    @available(*, noasync)
    public func create(_ name: String) throws(VaultError) -> ActingVault {
        ActingVault(vaults: self, name: try createVault(name: name).name)
    }

    /// Makes a vault of a backup, where there is none of its name; see ``restoreVault(from:waiting:)``.
    @available(*, noasync)
    public func restore(from backup: [UInt8]) throws(VaultError) -> ActingVault {
        ActingVault(vaults: self, name: try restoreVault(from: backup).result.name)
    }

    /// A vault that is there; `vaultNotFound`.
    @available(*, noasync)
    public func open(_ name: String) throws(VaultError) -> ActingVault {
        ActingVault(vaults: self, name: try vault(name).name)
    }
}
