public import SluiceAccess

extension ActingVault {
    /// Makes an RSA-2048 key, or a new version of it if the name exists. See the synchronous method.
    public func createKey(
        _ name: String, tags: [String: String] = [:], settings: KeySettings = KeySettings()
    ) async throws(VaultError) -> ActingKey {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try createKey(name, tags: tags, settings: settings)
        }
    }

    /// The newest version of a key, enabled or not. See the synchronous method.
    public func key(_ name: String) async throws(VaultError) -> ActingKey {
        try await vaults.directory.runner.run { () throws(VaultError) in try key(name) }
    }

    /// A backup of the vault. See the synchronous method.
    public func backup() async throws(VaultError) -> [UInt8] {
        try await vaults.directory.runner.run { () throws(VaultError) in try backup() }
    }

    /// Makes a key of a backup, where there is none of its name: its newest version. See the synchronous method.
    public func restoreKey(from backup: [UInt8], waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> ActingKey
    {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try restoreKey(from: backup, waiting: deadline)
        }
    }

    /// Permits an identity to do something with the vault's keys, in the place of what it was permitted; by default what a store needs. See the synchronous method.
    @discardableResult
    public func permit(
        _ identity: Identity, _ permissions: [KeyOperation] = KeyOperation.ofStores,
        waiting deadline: Deadline = .seconds(5)
    ) async throws(VaultError) -> AccessChange<VaultProperties> {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try permit(identity, permissions, waiting: deadline)
        }
    }

    /// Permits an identity nothing any more: when this returns confirmed, no process releases another byte that it reads with the vault's keys. See the synchronous method.
    @discardableResult
    public func revoke(_ identity: Identity, waiting deadline: Deadline = .seconds(5))
        async throws(VaultError) -> AccessChange<VaultProperties>
    {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try revoke(identity, waiting: deadline)
        }
    }
}

extension ActingKey {
    /// A backup of the key, with all its versions. See the synchronous method.
    public func backup() async throws(VaultError) -> [UInt8] {
        try await vaults.directory.runner.run { () throws(VaultError) in try backup() }
    }

    /// Makes a new version of the key: that one. See the synchronous method.
    public func rotate(waiting deadline: Deadline = .seconds(5)) async throws(VaultError)
        -> ActingKey
    {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try rotate(waiting: deadline)
        }
    }

    /// Has the version refuse everything. See the synchronous method.
    @discardableResult
    public func disable(waiting deadline: Deadline = .seconds(5)) async throws(VaultError)
        -> AccessChange<KeyBundle>
    {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try disable(waiting: deadline)
        }
    }

    /// Has the version serve again. See the synchronous method.
    @discardableResult
    public func enable(waiting deadline: Deadline = .seconds(5)) async throws(VaultError)
        -> AccessChange<KeyBundle>
    {
        try await vaults.directory.runner.run { () throws(VaultError) in
            try enable(waiting: deadline)
        }
    }
}
