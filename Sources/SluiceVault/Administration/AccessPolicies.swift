internal import SluiceAccess
internal import SluiceNative

/// Which identity may do what with the keys of a vault. The owner's affair, who needs none.
final class AccessPolicies: Sendable {
    private let vaults: OpenVaults
    private let reserved: ReservedVault
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let identities: IdentitySwitch

    init(
        _ vaults: OpenVaults, _ reserved: ReservedVault, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ identities: IdentitySwitch
    ) {
        self.vaults = vaults
        self.reserved = reserved
        self.epochs = epochs
        self.journal = journal
        self.identities = identities
    }

    /// See ``ActingVaults/setAccessPolicy(vault:for:permissions:waiting:)``.
    func set(
        vault name: String, for subject: Identity, permissions: [KeyOperation],
        waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try subject.validate()
        let ordered = KeyOperation.allCases.filter(permissions.contains)
        // Where identities are switched off: now, and not when one is, for the disk may be full then.
        if identity == .owner { try reserved.make() }
        return try change(of: name, "setPolicy", deadline, identity) {
            tables throws(DatabaseError) in
            try tables.set(ordered, for: subject)
            return nil
        }
    }

    /// See ``ActingVaults/deleteAccessPolicy(vault:for:waiting:)``.
    func delete(
        vault name: String, for subject: Identity, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try change(of: name, "deletePolicy", deadline, identity) {
            tables throws(DatabaseError) in
            guard try tables.permissions(of: subject) != nil else {
                return VaultError(
                    .policyNotFound, "the vault '\(name)' has no policy for '\(subject.objectID)'",
                    about: .identity(subject.objectID), remedies: [.list(.policies(vault: name))])
            }
            try tables.deletePolicy(of: subject)
            return nil
        }
    }

    private func change(
        of name: String, _ operation: String, _ deadline: Deadline, _ identity: Identity,
        _ change: (VaultTables) throws(DatabaseError) -> VaultError?
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try journal.recording(operation, in: name, as: identity) { () throws(VaultError) in
            try identities.requireOwner(identity, to: "change the policies of the vault '\(name)'")
            try ReservedVault.refuse(name, to: "change the policies of the vault '\(name)'")
            try vaults.check(name)
            return try epochs.change(waiting: deadline) { () throws(VaultError) in
                try vaults.write(name, isUrgent: true) { tables, row throws(DatabaseError) in
                    if let refusal = try change(tables) { return .failure(refusal) }
                    return .success(VaultProperties(row, try tables.policies()))
                }
            }
        }
    }
}
