internal import SluiceAccess
internal import SluiceNative

/// Which identity may do what with the keys of a vault. The owner's affair, who needs none.
extension VaultDirectory {
    /// See ``ActingVaults``.
    func setAccessPolicy(
        vault name: String, for subject: Identity, permissions: [KeyOperation],
        waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try subject.validate()
        let ordered = KeyOperation.allCases.filter(permissions.contains)
        // Where identities are switched off: now, and not when one is, for the disk may be full then.
        if identity == .owner { try makePlatformVault() }
        return try changePolicies(of: name, "setPolicy", deadline, identity) {
            tables throws(DatabaseError) in
            try tables.set(ordered, for: subject)
            return nil
        }
    }

    /// See ``ActingVaults``.
    func deleteAccessPolicy(
        vault name: String, for subject: Identity, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        try changePolicies(of: name, "deletePolicy", deadline, identity) {
            tables throws(DatabaseError) in
            guard try tables.permissions(of: subject) != nil else {
                return VaultError(
                    .policyNotFound,
                    "the vault '\(name)' has no policy for '\(subject.objectID)': `sluice keyvault "
                        + "show --name \(name)` shows those it has")
            }
            try tables.deletePolicy(of: subject)
            return nil
        }
    }

    private func changePolicies(
        of name: String, _ operation: String, _ deadline: Deadline, _ identity: Identity,
        _ change: (VaultTables) throws(DatabaseError) -> VaultError?
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try recording(operation, in: name, as: identity) { () throws(VaultError) in
            try requireOwner(identity, to: "change the policies of the vault '\(name)'")
            try Self.checkNotReserved(name, to: "change the policies of the vault '\(name)'")
            try read(name) { _, _ throws(DatabaseError) in .success(()) }
            return try changeAccess(waiting: deadline) { () throws(VaultError) in
                try write(name, isUrgent: true) { tables, row throws(DatabaseError) in
                    if let refusal = try change(tables) { return .failure(refusal) }
                    return .success(VaultProperties(row, try tables.policies()))
                }
            }
        }
    }
}
