internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a transaction on a vault's tables decides: a result, or a refusal that leaves them as they are.
typealias TableWork<Result> =
    (VaultTables, VaultRow) throws(DatabaseError) -> Swift.Result<Result, VaultError>

// MARK: Reading and changing keys, with permission

extension VaultDirectory {
    /// Reads a vault's tables in one transaction, if an identity is permitted the operation.
    ///
    /// - Throws: `identityDisabled`, `vaultNotFound`, `vaultDeleted`, `accessDenied`.
    func readKeys<Result: Sendable>(
        in vault: String, _ operation: KeyOperation, as identity: Identity,
        _ work: TableWork<Result>
    ) throws(VaultError) -> Result {
        try checkEnabled(identity)
        return try read(vault) { tables, row throws(DatabaseError) in
            if let refusal = try self.refusal(operation, to: identity, tables, row) {
                return .failure(refusal)
            }
            return try work(tables, row)
        }
    }

    /// Changes a vault's tables in one transaction, which is a change of access, if an identity is
    /// permitted the operation.
    ///
    /// - Throws: What ``readKeys(in:_:as:_:)`` throws, and `busy`, `outcomeUnknown`.
    func changeKeys<Result: Sendable>(
        in vault: String, _ operation: KeyOperation, as identity: Identity,
        waiting deadline: Deadline, _ work: TableWork<Result>
    ) throws(VaultError) -> AccessChange<Result> {
        // First without a change: who may not do it is not to hold up readers.
        try checkPermission(operation, in: vault, as: identity)
        return try changeAccess(waiting: deadline) { () throws(VaultError) in
            try checkEnabled(identity)
            // What may take access away can't wait for room on the disk.
            let isUrgent = [.update, .delete, .purge].contains(operation)
            return try write(vault, isUrgent: isUrgent) { tables, row throws(DatabaseError) in
                if let refusal = try self.refusal(operation, to: identity, tables, row) {
                    return .failure(refusal)
                }
                return try work(tables, row)
            }
        }
    }

    /// Returns if an identity is permitted an operation with the keys of a vault.
    ///
    /// - Throws: What ``readKeys(in:_:as:_:)`` throws.
    func checkPermission(
        _ operation: KeyOperation, in vault: String, as identity: Identity
    ) throws(VaultError) {
        try readKeys(in: vault, operation, as: identity) { _, _ throws(DatabaseError) in
            .success(())
        }
    }

    /// Runs an operation, or the fault that a test has put in its place, and notes in the vault's log and
    /// in the counts what came of it.
    ///
    /// - Parameter used: The key that a result is about, with its version.
    func recording<Result>(
        _ operation: KeyOperation, on key: KeyIdentifier?, in vault: String,
        as identity: Identity, used: (Result) -> KeyIdentifier? = { _ in nil },
        _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        try recording(operation.rawValue, on: key, in: vault, as: identity, used: used) {
            () throws(VaultError) in
            try faults.meet(operation, .none)
            return try body()
        }
    }

    /// Runs an operation on a vault, and notes in the vault's log and in the counts what came of it.
    func recording<Result>(
        _ operation: String, on key: KeyIdentifier? = nil, in vault: String,
        as identity: Identity, used: (Result) -> KeyIdentifier? = { _ in nil },
        _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        do throws(VaultError) {
            let result = try body()
            record(operation, on: used(result) ?? key, in: vault, as: identity, nil)
            return result
        } catch {
            record(operation, on: key, in: vault, as: identity, error.code)
            throw error
        }
    }
}

// MARK: Who may do what

extension VaultDirectory {
    /// Returns if an identity is not switched off.
    ///
    /// - Throws: `identityDisabled`.
    func checkEnabled(_ identity: Identity) throws(VaultError) {
        guard identity != .owner, try !isSwitchedOn(identity) else { return }
        throw VaultError(
            .identityDisabled,
            "the identity '\(identity.objectID)' is switched off and gets at no vault: switch it on "
                + "again with `sluice identity enable`")
    }

    /// Returns if an identity is the owner, which alone may change vaults, policies and identities.
    ///
    /// - Throws: `accessDenied`, `identityDisabled`.
    func requireOwner(_ identity: Identity, to doing: String) throws(VaultError) {
        guard identity != .owner else { return }
        try checkEnabled(identity)
        throw VaultError(
            .accessDenied,
            "'\(identity.objectID)' may not \(doing), which is the vaults' owner's: run it without "
                + "--as")
    }

    /// Why an identity is refused an operation with the keys of a vault; nil if it is not.
    private func refusal(
        _ operation: KeyOperation, to identity: Identity, _ tables: VaultTables, _ row: VaultRow
    ) throws(DatabaseError) -> VaultError? {
        guard let permissions = try permissions(of: identity, tables, row),
            !permissions.contains(operation)
        else { return nil }
        return .permissionMissing(operation, in: row.name, for: identity, having: permissions)
    }

    /// What an identity is permitted in a vault; nil for everything.
    func permissions(
        of identity: Identity, _ tables: VaultTables, _ row: VaultRow
    ) throws(DatabaseError) -> [KeyOperation]? {
        if identity == .owner { return nil }
        if row.name == Self.platformName {
            let isServed = try identity.storeID.map { store throws(DatabaseError) in
                try tables.knows(store: store)
            }
            return isServed == true ? KeyOperation.ofStores : []
        }
        return try tables.permissions(of: identity) ?? []
    }
}

// MARK: Transactions

extension VaultDirectory {
    /// Reads a vault's tables in one transaction.
    ///
    /// - Throws: `vaultNotFound`; `vaultDeleted`, unless `evenIfDeleted`.
    func read<Result: Sendable>(
        _ name: String, evenIfDeleted: Bool = false, _ work: TableWork<Result>
    ) throws(VaultError) -> Result {
        let answer = try readOnce(name, evenIfDeleted, work)
        // In memory there is no other, and one that is hidden may come back.
        guard case .failure(let error) = answer, error.code == .vaultNotFound, path != nil else {
            return try answer.get()
        }
        // It was purged: there may be another of that name by now.
        forget(vaultNamed: name)
        return try readOnce(name, evenIfDeleted, work).get()
    }

    private func readOnce<Result: Sendable>(
        _ name: String, _ evenIfDeleted: Bool, _ work: TableWork<Result>
    ) throws(VaultError) -> Swift.Result<Result, VaultError> {
        let now = try presentTime().seconds
        return try withVault(named: name) { vault throws(VaultError) in
            try vault.read { tables throws(DatabaseError) in
                try Self.attempt(work, name, evenIfDeleted, now, tables)
            }
        }
    }

    /// Lends a vault; of one that was purged, and its files removed, the one that has its name by now.
    private func withVault<Result>(
        named name: String, _ body: (Vault) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let vault = try vault(named: name)
        do throws(VaultError) {
            return try body(vault)
        } catch {
            guard error.code == .replaced, vault.wasPurged else { throw error }
            forget(vaultNamed: name)
            return try body(try self.vault(named: name))
        }
    }

    /// Changes a vault's tables in one transaction, durably. What is due to be purged is, before, if the clock
    /// is believed.
    ///
    /// - Parameter isUrgent: Whether it may use the vault's reserve of space when the disk is full.
    /// - Throws: As ``read(_:evenIfDeleted:_:)``.
    func write<Result: Sendable>(
        _ name: String, evenIfDeleted: Bool = false, isUrgent: Bool = false,
        _ work: TableWork<Result>
    ) throws(VaultError) -> Result {
        let time = try presentTime()
        return try withVault(named: name) { vault throws(VaultError) in
            try vault.write(isUrgent: isUrgent) { tables throws(DatabaseError) in
                try tables.settle(time)
                return try Self.attempt(work, name, evenIfDeleted, time.seconds, tables)
            }
        }.get()
    }

    private static func attempt<Result>(
        _ work: TableWork<Result>, _ name: String, _ evenIfDeleted: Bool, _ now: Int,
        _ tables: VaultTables
    ) throws(DatabaseError) -> Swift.Result<Result, VaultError> {
        guard let row = try tables.vault(), !row.isGone(atSeconds: now) else {
            return .failure(.vaultNotFound(name))
        }
        guard row.deletion == nil || evenIfDeleted else { return .failure(.vaultDeleted(name)) }
        return try work(tables, row)
    }
}

extension VaultError {
    static func vaultDeleted(_ name: String) -> VaultError {
        VaultError(
            .vaultDeleted,
            "the vault '\(name)' is deleted, and with it all its keys: `sluice keyvault recover "
                + "--name \(name)` brings it back")
    }

    static func permissionMissing(
        _ operation: KeyOperation, in vault: String, for identity: Identity,
        having permissions: [KeyOperation]
    ) -> VaultError {
        let isStore = identity.storeID != nil
        if isStore, vault == VaultDirectory.platformName, permissions.isEmpty {
            return VaultError(
                .unknownStore,
                "the vault '\(vault)' has no scope of a store with the id \(identity.objectID): either these "
                    + "are not the store's vaults, and --vaults names its own, or somebody has changed the "
                    + "store's id, and a backup is to be restored")
        }
        // A store needs more than one, and would otherwise be told of one after the other.
        let needed = isStore ? KeyOperation.ofStores + [operation] : [operation]
        let granted = KeyOperation.allCases.filter { (permissions + needed).contains($0) }
        let remedy =
            if vault == VaultDirectory.platformName {
                "the vault is reserved: act as the owner"
            } else {
                "grant it with `sluice keyvault set-policy --name \(vault) --object-id "
                    + "\(identity.objectID) --key-permissions "
                    + "\(granted.map(\.rawValue).joined(separator: " "))`"
            }
        return VaultError(
            .accessDenied,
            "'\(identity.objectID)' lacks the permission \(operation.rawValue) in the vault "
                + "'\(vault)': \(remedy)")
    }
}
