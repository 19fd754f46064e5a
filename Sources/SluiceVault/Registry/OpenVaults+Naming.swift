internal import SluiceAccess

extension OpenVaults {
    /// Why no vault of a name can be made.
    func reasonTaken(_ name: String) throws(VaultError) -> VaultError {
        do throws(VaultError) {
            // Throws if it is a deleted one.
            try check(name)
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            return VaultError(
                .vaultDeleted,
                "the name '\(name)' belongs to a deleted vault whose time has come only by a clock that may have "
                    + "run ahead", about: .vault(name),
                remedies: [.machine(.setClock), .choose(.otherName)])
        }
        return VaultError(
            .alreadyExists, "there is a vault '\(name)' already", about: .vault(name),
            remedies: [.other("use that one, or choose another name")])
    }
}
