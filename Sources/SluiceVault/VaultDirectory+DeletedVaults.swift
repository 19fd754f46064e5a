internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A deleted vault keeps its keys, which nobody can use, and its name until its scheduled purge date. The
/// owner's affair.
extension VaultDirectory {
    /// See ``ActingVaults``.
    func deleteVault(
        _ name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<DeletedVault> {
        let name = try KeyIdentifier.validated(vaultName: name)
        let time = try presentTime()
        return try changeVault(name, "deleteVault", to: "delete", deadline, identity) {
            tables, row throws(DatabaseError) in
            guard row.deletion == nil else { return .failure(.vaultDeleted(name)) }
            var row = row
            let deletion = Deletion(at: time, in: row)
            row.deletion = deletion
            try tables.update(row)
            return .success(DeletedVault(row, deletion))
        }
    }

    /// See ``ActingVaults``.
    func deletedVaults(
        as identity: Identity
    ) throws(VaultError) -> [DeletedVault] {
        try requireOwner(identity, to: "list the deleted vaults")
        try purgeVaultsThatAreDue()
        var deleted: [DeletedVault] = []
        for name in try vaultNames().sorted() {
            let row = try rowIfThere(name)
            if let row, let deletion = row.deletion {
                deleted.append(DeletedVault(row, deletion))
            }
        }
        return deleted
    }

    /// See ``ActingVaults``.
    func recoverVault(
        _ name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try changeVault(name, "recoverVault", to: "recover", deadline, identity) {
            tables, row throws(DatabaseError) in
            guard row.deletion != nil else { return .failure(.vaultNotDeleted(name)) }
            var row = row
            row.deletion = nil
            try tables.update(row)
            return .success(VaultProperties(row, try tables.policies()))
        }
    }

    /// See ``ActingVaults``.
    func purgeVault(
        _ name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<Void> {
        let name = try KeyIdentifier.validated(vaultName: name)
        let work: TableWork<Void> = { tables, row throws(DatabaseError) in
            guard let deletion = row.deletion else { return .failure(.vaultNotDeleted(name)) }
            guard !row.isPurgeProtected else {
                return .failure(
                    .purgeProtected("the vault '\(name)'", until: deletion.purgeSeconds))
            }
            var row = row
            row.isPurged = true
            try tables.update(row)
            return .success(())
        }
        let change = try changeVault(name, "purgeVault", to: "purge", deadline, identity, work)
        try removeIfGone(name)
        return change
    }

    // MARK: For the rest of this type

    /// Removes the vaults whose time has come.
    func purgeVaultsThatAreDue() throws(VaultError) {
        for name in try vaultNames() where name != Self.platformName { try removeIfGone(name) }
    }

    // MARK: Private

    private func changeVault<Result: Sendable>(
        _ name: String, _ operation: String, to verb: String, _ deadline: Deadline,
        _ identity: Identity, _ work: TableWork<Result>
    ) throws(VaultError) -> AccessChange<Result> {
        try recording(operation, in: name, as: identity) { () throws(VaultError) in
            try requireOwner(identity, to: "\(verb) the vault '\(name)'")
            try Self.checkNotReserved(name, to: "\(verb) the vault '\(name)'")
            try read(name, evenIfDeleted: true) { _, _ throws(DatabaseError) in .success(()) }
            return try changeAccess(waiting: deadline) { () throws(VaultError) -> Result in
                try write(name, evenIfDeleted: true, isUrgent: true, work)
            }
        }
    }

    private func rowIfThere(_ name: String) throws(VaultError) -> VaultRow? {
        do throws(VaultError) {
            return try read(name, evenIfDeleted: true) { _, row throws(DatabaseError) in
                .success(row)
            }
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            return nil
        }
    }

    /// Removes what is left of a vault that was purged, or whose time has come.
    ///
    /// It is marked first, so that a process that has it open finds out.
    private func removeIfGone(_ name: String) throws(VaultError) {
        guard try rowIfThere(name) == nil else { return }
        guard let path else {
            if try markIfGoneForGood(name) { forget(vaultNamed: name) }
            return
        }
        try withHome(path, "purging the vault '\(name)'") { home, homePath throws(VaultError) in
            guard try markIfGoneForGood(name) else { return }
            forget(vaultNamed: name)
            do throws(SystemError) {
                let gone = "\(homePath)/\(Self.purgedName)"
                if try FileSystem.exists(gone) { try FileSystem.remove(tree: gone) }
                try home.rename(name, to: Self.purgedName)
                try home.sync()
                try FileSystem.remove(tree: gone)
            } catch {
                throw VaultError(error, while: "purging the vault '\(name)'")
            }
        }
    }

    /// Marks a vault as purged that is, or whose time has come by a clock that is believed; whether it is.
    private func markIfGoneForGood(_ name: String) throws(VaultError) -> Bool {
        let time = try presentTime()
        let vault: Vault
        do throws(VaultError) {
            vault = try self.vault(named: name)
        } catch {
            // Another process was faster.
            guard error.code == .vaultNotFound else { throw error }
            return false
        }
        return try vault.write { tables throws(DatabaseError) in
            guard var row = try tables.vault(), row.isGone(atSeconds: time.seconds) else {
                return false
            }
            guard row.isPurged || time.isBelieved(by: row.noted) else {
                try tables.note(time, in: row)
                return false
            }
            row.isPurged = true
            try tables.update(row)
            return true
        }
    }

    /// What a vault is called while it is being removed.
    private static let purgedName = ".purged"
}

extension VaultError {
    fileprivate static func vaultNotDeleted(_ name: String) -> VaultError {
        VaultError(
            .vaultNotFound,
            "there is no deleted vault '\(name)': `sluice keyvault list-deleted` shows those there "
                + "are")
    }
}
