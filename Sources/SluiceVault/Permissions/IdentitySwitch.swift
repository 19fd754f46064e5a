internal import SluiceAccess
internal import SluiceNative

/// Which identities are switched off, and so get at no vault, whatever its policies say.
final class IdentitySwitch: Sendable {
    private let vaults: OpenVaults
    private let reserved: ReservedVault
    private let epochs: AccessEpochs
    private let journal: OperationJournal

    init(
        _ vaults: OpenVaults, _ reserved: ReservedVault, _ epochs: AccessEpochs,
        _ journal: OperationJournal
    ) {
        self.vaults = vaults
        self.reserved = reserved
        self.epochs = epochs
        self.journal = journal
    }

    /// Whether an identity is switched on; one that never was switched is.
    func isEnabled(_ identity: Identity) throws(VaultError) -> Bool {
        if identity == .owner { return true }
        do throws(VaultError) {
            return try vaults.read(ReservedVault.name) { tables, _ throws(DatabaseError) in
                .success(try tables.isEnabled(identity))
            }
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            // Without the vault nobody was ever switched off, unless it is lost.
            try reserved.checkNotLost()
            return true
        }
    }

    /// Returns if an identity is switched on.
    ///
    /// - Throws: `identityDisabled`.
    func check(_ identity: Identity) throws(VaultError) {
        guard try !isEnabled(identity) else { return }
        throw VaultError(
            .identityDisabled,
            "the identity '\(identity.objectID)' is switched off, and may use no vault",
            about: .identity(identity.objectID),
            remedies: identity.storeID == nil
                ? [.other("switch it on again")] : [.change(.enableIdentity)])
    }

    /// Returns if an identity is the owner, which alone may change vaults, policies and identities.
    ///
    /// - Throws: `accessDenied`, `identityDisabled`.
    func requireOwner(_ identity: Identity, to doing: String) throws(VaultError) {
        guard identity != .owner else { return }
        try check(identity)
        throw VaultError(
            .accessDenied,
            "'\(identity.objectID)' may not \(doing), which only the vaults' owner may",
            about: .identity(identity.objectID), remedies: [.choose(.owner)])
    }

    /// See ``ActingVaults/setIdentity(_:isEnabled:waiting:)``.
    func set(
        _ subject: Identity, isEnabled: Bool, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<Void> {
        try subject.validate()
        let operation = isEnabled ? "enableIdentity" : "disableIdentity"
        return try journal.recording(operation, in: ReservedVault.name, as: identity) {
            () throws(VaultError) in
            try requireOwner(identity, to: "switch identities on and off")
            // Also in the place of one that is lost: who is switched off is said anew then.
            try reserved.make(evenIfLost: true)
            return try epochs.change(waiting: deadline) { () throws(VaultError) in
                try vaults.write(ReservedVault.name, isUrgent: true) {
                    tables, _ throws(DatabaseError) in
                    try tables.set(subject, isEnabled: isEnabled)
                    return .success(())
                }
            }
        }
    }
}
