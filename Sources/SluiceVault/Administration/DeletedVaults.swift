internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A deleted vault keeps its keys, which nobody can use, and its name until its scheduled purge date. The
/// owner's affair.
final class DeletedVaults: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let identities: IdentitySwitch
    private let outlook = Mutex(Outlook(epoch: 0, untilSeconds: 0))

    /// Until when nothing is due, as long as the epoch stays: whoever deletes a vault moves it.
    private struct Outlook {
        let epoch: UInt64
        let untilSeconds: Int
    }

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ identities: IdentitySwitch
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.journal = journal
        self.identities = identities
    }

    /// See ``ActingVaults/deleteVault(_:waiting:)``.
    func delete(
        _ name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<DeletedVault> {
        let name = try KeyIdentifier.validated(vaultName: name)
        let time = try context.presentTime()
        return try change(name, "deleteVault", to: "delete", deadline, identity) {
            tables, row throws(DatabaseError) in
            guard row.deletion == nil else { return .failure(.vaultDeleted(name)) }
            var row = row
            let deletion = Deletion(at: time, in: row)
            row.deletion = deletion
            try tables.update(row)
            return .success(DeletedVault(row, deletion))
        }
    }

    /// See ``ActingVaults/deletedVaults()``.
    func all(as identity: Identity) throws(VaultError) -> [DeletedVault] {
        try identities.requireOwner(identity, to: "list the deleted vaults")
        try purgeWhatIsDue()
        var deleted: [DeletedVault] = []
        for name in try vaults.names().sorted() {
            let row = try rowIfThere(name)
            if let row, let deletion = row.deletion {
                deleted.append(DeletedVault(row, deletion))
            }
        }
        return deleted
    }

    /// See ``ActingVaults/recoverVault(_:waiting:)``.
    func recover(
        _ name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<VaultProperties> {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try change(name, "recoverVault", to: "recover", deadline, identity) {
            tables, row throws(DatabaseError) in
            guard row.deletion != nil else { return .failure(.vaultNotDeleted(name)) }
            var row = row
            row.deletion = nil
            try tables.update(row)
            return .success(VaultProperties(row, try tables.policies()))
        }
    }

    /// See ``ActingVaults/purgeVault(_:waiting:)``.
    func purge(
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
        let change = try change(name, "purgeVault", to: "purge", deadline, identity, work)
        try removeIfGone(name)
        return change
    }

    /// Removes the vaults whose time has come.
    ///
    /// Each is asked, unless all were in this epoch, and the first of them is due later.
    func purgeWhatIsDue() throws(VaultError) {
        // Loaded before they are asked.
        let epoch = epochs.epoch
        let now = context.clock.nowSeconds()
        let known = outlook.withLock { $0 }
        guard epoch == 0 || known.epoch != epoch || now >= known.untilSeconds else { return }
        var until = Int.max
        for name in try vaults.names() where name != ReservedVault.name {
            until = min(until, try removeIfGone(name) ?? .max)
        }
        // While a change is under way the next one may begin any time.
        guard epoch.isMultiple(of: 2) else { return }
        outlook.withLock { $0 = Outlook(epoch: epoch, untilSeconds: until) }
    }

    // MARK: Private

    private func change<Result: Sendable>(
        _ name: String, _ operation: String, to verb: String, _ deadline: Deadline,
        _ identity: Identity, _ work: TableWork<Result>
    ) throws(VaultError) -> AccessChange<Result> {
        try journal.recording(operation, in: name, as: identity) { () throws(VaultError) in
            try identities.requireOwner(identity, to: "\(verb) the vault '\(name)'")
            try ReservedVault.refuse(name, to: "\(verb) the vault '\(name)'")
            try vaults.check(name, evenIfDeleted: true)
            return try epochs.change(waiting: deadline) { () throws(VaultError) -> Result in
                try vaults.write(name, evenIfDeleted: true, isUrgent: true, work)
            }
        }
    }

    private func rowIfThere(_ name: String) throws(VaultError) -> VaultRow? {
        do throws(VaultError) {
            return try vaults.read(name, evenIfDeleted: true) { _, row throws(DatabaseError) in
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
    ///
    /// - Returns: When it is due, in seconds since 1970; nil if it is not deleted.
    @discardableResult
    private func removeIfGone(_ name: String) throws(VaultError) -> Int? {
        if let row = try rowIfThere(name) { return row.deletion?.purgeSeconds }
        try vaults.remove(name) { () throws(VaultError) in try markIfGoneForGood(name) }
        // One whose time has come by a clock that isn't believed is still there.
        return .min
    }

    /// Marks a vault as purged that is, or whose time has come by a clock that is believed; whether it is.
    private func markIfGoneForGood(_ name: String) throws(VaultError) -> Bool {
        let time = try context.presentTime()
        let vault: Vault
        do throws(VaultError) {
            vault = try vaults.vault(named: name)
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
}

extension VaultError {
    fileprivate static func vaultNotDeleted(_ name: String) -> VaultError {
        VaultError(
            .vaultNotFound, "there is no deleted vault '\(name)'", about: .vault(name),
            remedies: [.list(.deletedVaults)])
    }
}
