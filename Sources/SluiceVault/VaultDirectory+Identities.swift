public import SluiceAccess
internal import SluiceNative

/// Identities that are switched off get at no vault, whatever its policies say.
extension VaultDirectory {
    /// Whether an identity is switched on; one that never was switched is.
    public func isEnabled(_ identity: Identity) throws(VaultError) -> Bool {
        if identity == .owner { return true }
        return try isSwitchedOn(identity)
    }

    /// See ``ActingVaults``.
    func setIdentity(
        _ subject: Identity, isEnabled: Bool, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<Void> {
        try subject.validate()
        let operation = isEnabled ? "enableIdentity" : "disableIdentity"
        return try recording(operation, in: Self.platformName, as: identity) {
            () throws(VaultError) in
            try requireOwner(identity, to: "switch identities on and off")
            // Also in the place of one that is lost: who is switched off is said anew then.
            try makePlatformVault(evenIfLost: true)
            return try changeAccess(waiting: deadline) { () throws(VaultError) in
                try write(Self.platformName, isUrgent: true) { tables, _ throws(DatabaseError) in
                    try tables.set(subject, isEnabled: isEnabled)
                    return .success(())
                }
            }
        }
    }

    /// Whether an identity other than the owner is switched on.
    func isSwitchedOn(_ identity: Identity) throws(VaultError) -> Bool {
        do throws(VaultError) {
            return try read(Self.platformName) { tables, _ throws(DatabaseError) in
                .success(try tables.isEnabled(identity))
            }
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            // Without the vault nobody was ever switched off, unless it is lost.
            try checkPlatformVaultNotLost()
            return true
        }
    }

    /// Returns unless the reserved vault is missing though there once was one: the first policy of any vault
    /// makes it. Nobody can tell who was switched off then.
    ///
    /// - Throws: `damaged`.
    func checkPlatformVaultNotLost() throws(VaultError) {
        for name in try vaultNames() where name != Self.platformName {
            // Of one that is hidden or deleted, too.
            let hasPolicies = try? vault(named: name).read { tables throws(DatabaseError) in
                try !tables.policies().isEmpty
            }
            // One that can't be read may have some.
            guard hasPolicies ?? true else { continue }
            throw VaultError(
                .damaged,
                "the vault '\(Self.platformName)' is missing, which says which identities are switched off: "
                    + "bring it back from where it was moved to, or from a backup of the vaults. If it is "
                    + "lost, `sluice identity disable` makes a new one, in which every other identity is "
                    + "on, and the platform's key is gone")
        }
    }
}
