internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a transaction on a vault's tables decides: a result, or a refusal that leaves them as they are.
typealias TableWork<Result> =
    (VaultTables, VaultRow) throws(DatabaseError) -> Swift.Result<Result, VaultError>

/// The vaults of a directory that are open here, and the transactions on their tables.
///
/// A vault is opened when it is first asked for. Safe from any thread.
final class OpenVaults: Sendable {
    private let context: VaultContext
    private let epochs: AccessEpochs
    private let state = Mutex(State())

    /// One lock: it is held for a look-up, or while a vault is opened.
    private struct State {
        var isClosed = false
        var vaults: [String: Vault] = [:]
    }

    init(_ context: VaultContext, _ epochs: AccessEpochs) {
        self.context = context
        self.epochs = epochs
        epochs.onLook { [weak self] barrier in self?.lookAtFiles(barrier) ?? false }
    }

    /// Closes all; whatever is asked for afterwards throws `closed`.
    func close() {
        let vaults = state.withLock { state in
            state.isClosed = true
            defer { state.vaults = [:] }
            return state.vaults
        }
        for vault in vaults.values { vault.close() }
    }

    // MARK: Which there are

    /// A vault, opened when first asked for.
    ///
    /// - Throws: `vaultNotFound`.
    func vault(named name: String) throws(VaultError) -> Vault {
        try state.withLock { state throws(VaultError) in
            try Self.checkOpen(state)
            if let vault = state.vaults[name] { return vault }
            guard let home = context.home else { throw .vaultNotFound(name) }
            let place = try home.place(ofVault: name)
            let vault = try Vault.open(name, in: place.directory, at: place.path)
            state.vaults[name] = vault
            return vault
        }
    }

    /// The names of the vaults there are, in no order.
    func names() throws(VaultError) -> [String] {
        guard let home = context.home else { return state.withLock { Array($0.vaults.keys) } }
        return try home.vaultNames()
    }

    /// Makes a vault unless there is one of that name; says whether it was made.
    func make(_ row: VaultRow) throws(VaultError) -> Bool {
        guard let home = context.home else {
            return try state.withLock { state throws(VaultError) in
                try Self.checkOpen(state)
                guard state.vaults[row.name] == nil else { return false }
                state.vaults[row.name] = try Vault.inMemory(row)
                return true
            }
        }
        try checkOpen()
        do { try home.make() } catch {
            throw VaultError(error, while: "making the vault '\(row.name)'")
        }
        return try home.locked("making the vault '\(row.name)'") { locked throws(VaultError) in
            let names = try names()
            guard !names.contains(row.name) else { return false }
            if names.isEmpty {
                // Whoever made the directory may have died before its name was durable.
                do throws(SystemError) { try FileSystem.syncName(of: home.path) } catch {
                    throw VaultError(error, while: "making the directory of the vaults")
                }
            }
            // Before the first vault: later, there might have been another, see `BarrierFile`.
            if names.isEmpty { _ = try epochs.barrier() }
            _ = try context.rootKey.keyOrNew(hasVaults: !names.isEmpty)
            try home.make(row, in: locked)
            return true
        }
    }

    /// Removes a vault's files, if `isGone` says so of it, alone among all who make or remove vaults.
    func remove(
        _ name: String, if isGone: () throws(VaultError) -> Bool
    ) throws(VaultError) {
        guard let home = context.home else {
            if try isGone() { forget(name) }
            return
        }
        try home.locked("purging the vault '\(name)'") { locked throws(VaultError) in
            guard try isGone() else { return }
            forget(name)
            try home.remove(name, in: locked)
        }
    }

    /// Takes out of a vault's database what Sluice never puts there, and says what that was.
    ///
    /// - Throws: As ``ActingVaults/repairVault(_:)``.
    func repair(_ name: String) throws(VaultError) -> [String] {
        try checkOpen()
        guard let home = context.home else { throw .vaultNotFound(name) }
        forget(name)
        let place = try home.place(ofVault: name)
        let removed = try Vault.repair(name, in: place.directory, at: place.path)
        _ = try vault(named: name)
        return removed
    }

    /// Returns if the vaults weren't closed.
    ///
    /// - Throws: `closed`.
    func checkOpen() throws(VaultError) {
        try state.withLock { state throws(VaultError) in try Self.checkOpen(state) }
    }

    /// Closes a vault that is open, which the next use opens anew.
    private func forget(_ name: String) {
        let vault = state.withLock { $0.vaults.removeValue(forKey: name) }
        vault?.close()
    }

    private static func checkOpen(_ state: borrowing State) throws(VaultError) {
        guard !state.isClosed else { throw .vaultsClosed }
    }

    /// Looks whether the files of the vaults in use are those that everybody uses, and if not, ends the use
    /// of the barrier: what was read in them isn't told of a revocation any more. Says whether it did.
    private func lookAtFiles(_ barrier: ReadBarrier) -> Bool {
        for vault in state.withLock({ Array($0.vaults.values) }) {
            do throws(VaultError) {
                try vault.checkPlace()
            } catch {
                guard error.code == .replaced, !vault.wasPurged else { continue }
                return barrier.refuse(error)
            }
        }
        return false
    }
}

// MARK: - Transactions

extension OpenVaults {
    /// Reads a vault's tables in one transaction.
    ///
    /// - Throws: `vaultNotFound`; `vaultDeleted`, unless `evenIfDeleted`.
    func read<Result: Sendable>(
        _ name: String, evenIfDeleted: Bool = false, _ work: TableWork<Result>
    ) throws(VaultError) -> Result {
        let answer = try readOnce(name, evenIfDeleted, work)
        // In memory there is no other, and one that is hidden may come back.
        guard case .failure(let error) = answer, error.code == .vaultNotFound, context.home != nil
        else { return try answer.get() }
        // It was purged: there may be another of that name by now.
        forget(name)
        return try readOnce(name, evenIfDeleted, work).get()
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
        let time = try context.presentTime()
        return try withVault(name) { vault throws(VaultError) in
            try vault.write(isUrgent: isUrgent) { tables throws(DatabaseError) in
                try tables.settle(time)
                return try Self.attempt(work, name, evenIfDeleted, time.seconds, tables)
            }
        }.get()
    }

    /// Returns if there is a vault of that name.
    ///
    /// - Throws: As ``read(_:evenIfDeleted:_:)``.
    func check(_ name: String, evenIfDeleted: Bool = false) throws(VaultError) {
        try read(name, evenIfDeleted: evenIfDeleted) { _, _ throws(DatabaseError) in .success(()) }
    }

    private func readOnce<Result: Sendable>(
        _ name: String, _ evenIfDeleted: Bool, _ work: TableWork<Result>
    ) throws(VaultError) -> Swift.Result<Result, VaultError> {
        let now = try context.presentTime().seconds
        return try withVault(name) { vault throws(VaultError) in
            try vault.read { tables throws(DatabaseError) in
                try Self.attempt(work, name, evenIfDeleted, now, tables)
            }
        }
    }

    /// Lends a vault; of one that was purged, and its files removed, the one that has its name by now.
    private func withVault<Result>(
        _ name: String, _ body: (Vault) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let vault = try vault(named: name)
        do throws(VaultError) {
            return try body(vault)
        } catch {
            guard error.code == .replaced, vault.wasPurged else { throw error }
            forget(name)
            return try body(try self.vault(named: name))
        }
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
}
