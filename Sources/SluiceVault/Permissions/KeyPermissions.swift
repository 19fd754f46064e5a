internal import SluiceAccess
internal import SluiceNative

/// What identities are permitted with the keys of vaults, and transactions on these for who is.
final class KeyPermissions: Sendable {
    private let vaults: OpenVaults
    private let identities: IdentitySwitch
    private let epochs: AccessEpochs

    init(_ vaults: OpenVaults, _ identities: IdentitySwitch, _ epochs: AccessEpochs) {
        self.vaults = vaults
        self.identities = identities
        self.epochs = epochs
    }

    /// Reads a vault's tables in one transaction, if an identity is permitted the operation.
    ///
    /// - Throws: `identityDisabled`, `vaultNotFound`, `vaultDeleted`, `accessDenied`.
    func read<Result: Sendable>(
        _ vault: String, for operation: KeyOperation, as identity: Identity,
        _ work: TableWork<Result>
    ) throws(VaultError) -> Result {
        try identities.check(identity)
        return try vaults.read(vault) { tables, row throws(DatabaseError) in
            if let refusal = try Self.refusal(operation, to: identity, tables, row) {
                return .failure(refusal)
            }
            return try work(tables, row)
        }
    }

    /// Changes a vault's tables in one transaction, which is a change of access, if an identity is
    /// permitted the operation.
    ///
    /// - Throws: What ``read(_:for:as:_:)`` throws, and `busy`, `outcomeUnknown`.
    func change<Result: Sendable>(
        _ vault: String, for operation: KeyOperation, as identity: Identity,
        waiting deadline: Deadline, _ work: TableWork<Result>
    ) throws(VaultError) -> AccessChange<Result> {
        // First without a change: who may not do it is not to hold up readers.
        try check(operation, in: vault, as: identity)
        return try epochs.change(waiting: deadline) { () throws(VaultError) in
            try identities.check(identity)
            // What may take access away can't wait for room on the disk.
            let isUrgent = [.update, .delete, .purge].contains(operation)
            return try vaults.write(vault, isUrgent: isUrgent) {
                tables, row throws(DatabaseError) in
                if let refusal = try Self.refusal(operation, to: identity, tables, row) {
                    return .failure(refusal)
                }
                return try work(tables, row)
            }
        }
    }

    /// Returns if an identity is permitted an operation with the keys of a vault.
    ///
    /// - Throws: What ``read(_:for:as:_:)`` throws.
    func check(
        _ operation: KeyOperation, in vault: String, as identity: Identity
    ) throws(VaultError) {
        try read(vault, for: operation, as: identity) { _, _ throws(DatabaseError) in
            .success(())
        }
    }

    /// What an identity is permitted in a vault; nil for everything.
    static func permissions(
        of identity: Identity, _ tables: VaultTables, _ row: VaultRow
    ) throws(DatabaseError) -> [KeyOperation]? {
        if identity == .owner { return nil }
        if row.name == ReservedVault.name {
            let isServed = try identity.storeID.map { store throws(DatabaseError) in
                try tables.knows(store: store)
            }
            return isServed == true ? KeyOperation.ofStores : []
        }
        return try tables.permissions(of: identity) ?? []
    }

    /// Why an identity is refused an operation with the keys of a vault; nil if it is not.
    private static func refusal(
        _ operation: KeyOperation, to identity: Identity, _ tables: VaultTables, _ row: VaultRow
    ) throws(DatabaseError) -> VaultError? {
        guard let permissions = try permissions(of: identity, tables, row),
            !permissions.contains(operation)
        else { return nil }
        return .permissionMissing(operation, in: row.name, for: identity, having: permissions)
    }
}

extension VaultError {
    static func permissionMissing(
        _ operation: KeyOperation, in vault: String, for identity: Identity,
        having permissions: [KeyOperation]
    ) -> VaultError {
        let isStore = identity.storeID != nil
        if isStore, vault == ReservedVault.name, permissions.isEmpty {
            return VaultError(
                .unknownStore,
                "the vault '\(vault)' has no scope of a store with the id \(identity.objectID): either these "
                    + "are not the store's vaults, or somebody has changed the store's id",
                about: .identity(identity.objectID), remedies: [.choose(.vaults), .restoreBackup])
        }
        // A store needs more than one, and would otherwise be told of one after the other.
        let needed =
            isStore && KeyOperation.ofStores.contains(operation)
            ? KeyOperation.ofStores : [operation]
        let granted = KeyOperation.allCases.filter { (permissions + needed).contains($0) }
        return VaultError(
            .accessDenied,
            "'\(identity.objectID)' lacks the permission \(operation.rawValue) in the vault '\(vault)'",
            about: .identity(identity.objectID),
            remedies: [
                vault == ReservedVault.name
                    ? .choose(.owner)
                    : .change(.permit(vault: vault, identity: identity.objectID, granted))
            ])
    }
}
