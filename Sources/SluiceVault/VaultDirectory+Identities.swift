internal import SluiceNative

/// Identities that are switched off get at no vault, whatever its policies say.
extension VaultDirectory {
    /// Whether an identity is switched on; one that never was switched is.
    public func isEnabled(_ identity: Identity) throws(VaultError) -> Bool {
        if identity == .owner { return true }
        return try isSwitchedOn(identity)
    }

    /// Switches an identity on or off, for all vaults.
    ///
    /// - Parameter deadline: Until when readers may confirm.
    /// - Throws: `invalidArgument` for an identity that is none, or the owner; `accessDenied` for all but
    ///   the owner.
    public func setIdentity(
        _ subject: Identity, isEnabled: Bool, waiting deadline: Deadline = .seconds(5),
        as identity: Identity = .owner
    ) throws(VaultError) -> AccessChange<Void> {
        try subject.validate()
        let operation = isEnabled ? "enableIdentity" : "disableIdentity"
        return try recording(operation, in: Self.platformName, as: identity) {
            () throws(VaultError) in
            try requireOwner(identity, to: "switch identities on and off")
            try makePlatformVault()
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
            // Without the vault nobody was ever switched off.
            guard error.code == .vaultNotFound else { throw error }
            return true
        }
    }
}
