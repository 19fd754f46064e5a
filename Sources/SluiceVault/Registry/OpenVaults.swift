internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a transaction on a vault's tables decides: a result, or a refusal that leaves them as they are.
typealias TableWork<Result> =
    (VaultTables, VaultRow) throws(DatabaseError) -> Swift.Result<Result, VaultError>

/// The vaults of a directory that are open here, and the transactions on their tables.
///
/// A vault is opened when it is first asked for. However many there are, a bounded number stays open: for each more
/// the one that was longest unused is closed, unless somebody has it in his hands. Safe from any thread.
final class OpenVaults: Sendable {
    private let context: VaultContext
    private let epochs: AccessEpochs
    /// How many stay open. Each takes 6 to 10 descriptors, of which a process commonly may have 1024.
    private let limit: Int
    private let state = Mutex(State())
    private let readings = Atomic(0)
    private let observers = Mutex<[@Sendable (String) -> Void]>([])
    /// Called before a vault is opened, while nothing is locked.
    private let preparation = Mutex<@Sendable () -> Void>({})

    static let usualLimit = 32

    /// One lock: it is held for a look-up, or while a vault is opened.
    fileprivate struct State {
        var isClosed = false
        var vaults: [String: OpenedVault] = [:]
        /// What is yet to be looked at of those that were closed to make room.
        var files: [String: ClosedFile] = [:]
        var useCount = 0
    }

    fileprivate struct OpenedVault {
        var vault: Vault
        /// Which of all uses its last one was.
        var lastUse: Int
    }

    /// The database of a vault that is not open any more, though grants may be in use which it gave: as long as their
    /// epoch lasts it is watched as if it were open.
    fileprivate struct ClosedFile {
        let identity: FileStatus.Identity
        let epoch: UInt64
    }

    init(_ context: VaultContext, _ epochs: AccessEpochs, limit: Int) {
        self.context = context
        self.epochs = epochs
        self.limit = limit
        epochs.onLook { [weak self] barrier in self?.lookAtFiles(barrier) ?? false }
    }

    /// Closes all; whatever is asked for afterwards throws `closed`.
    func close() {
        let vaults = state.withLock { state in
            state.isClosed = true
            defer { state.vaults = [:] }
            return state.vaults
        }
        for opened in vaults.values { opened.vault.close() }
    }

    // MARK: Which there are

    /// A vault, opened when first asked for.
    ///
    /// - Throws: `vaultNotFound`.
    func vault(named name: String) throws(VaultError) -> Vault {
        let known = try state.withLock { state throws(VaultError) in
            try Self.checkOpen(state)
            return state.find(name)
        }
        if let known { return known }
        guard let home = context.home else { throw .vaultNotFound(name) }
        preparation.withLock { $0 }()
        let place = try home.place(ofVault: name)
        makeRoom()
        return try state.withLock { state throws(VaultError) in
            try Self.checkOpen(state)
            if let vault = state.find(name) { return vault }
            let vault = try Vault.open(name, in: place.directory, at: place.path)
            if let file = state.files[name] {
                guard file.epoch != epochs.epoch || file.identity == vault.identity else {
                    vault.close()
                    throw .replaced(name, "\(place.path)/\(Vault.databaseName)")
                }
                state.files[name] = nil
            }
            state.insert(vault)
            return vault
        }
    }

    /// How many are open.
    var openCount: Int { state.withLock { $0.vaults.count } }

    /// The names of the vaults there are, in no order.
    func names() throws(VaultError) -> [String] {
        guard let home = context.home else { return state.withLock { Array($0.vaults.keys) } }
        return try home.vaultNames()
    }

    /// Makes a vault unless there is one of that name; says whether it was made.
    func make(_ row: VaultRow) throws(VaultError) -> Bool {
        try make(row.name) { () throws(VaultError) in
            { tables throws(DatabaseError) in try tables.create(row) }
        }
    }

    /// Makes a vault likewise, with what `filling` says once it is certain which root key it is under.
    func make(
        _ name: String, _ filling: () throws(VaultError) -> Vault.Filling
    ) throws(VaultError) -> Bool {
        guard let home = context.home else {
            return try state.withLock { state throws(VaultError) in
                try Self.checkOpen(state)
                guard state.vaults[name] == nil else { return false }
                state.insert(try Vault.inMemory(name, filling()))
                return true
            }
        }
        try checkOpen()
        do { try home.make() } catch {
            throw VaultError(error, while: "making the vault '\(name)'")
        }
        return try home.locked("making the vault '\(name)'") { locked throws(VaultError) in
            let names = try names()
            guard !names.contains(name) else { return false }
            if names.isEmpty {
                // Whoever made the directory may have died before its name was durable.
                do throws(SystemError) { try FileSystem.syncName(of: home.path) } catch {
                    throw VaultError(error, while: "making the directory of the vaults")
                }
            }
            // Before the first vault: later, there might have been another, see `BarrierFile`.
            if names.isEmpty { _ = try epochs.barrier() }
            _ = try context.rootKey.keyOrNew(hasVaults: !names.isEmpty)
            try home.make(name, in: locked, filling())
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
        let opened = state.withLock { $0.vaults.removeValue(forKey: name) }
        opened?.vault.close()
    }

    private static func checkOpen(_ state: borrowing State) throws(VaultError) {
        guard !state.isClosed else { throw .vaultsClosed }
    }

    /// Looks whether the files of the vaults in use are those that everybody uses, and if not, ends the use
    /// of the barrier: what was read in them isn't told of a revocation any more. Says whether it did.
    private func lookAtFiles(_ barrier: ReadBarrier) -> Bool {
        let (vaults, files) = state.withLock { state in
            state.files = state.files.filter { $0.value.epoch == barrier.epoch }
            return (state.vaults.values.map(\.vault), state.files)
        }
        for vault in vaults {
            do throws(VaultError) {
                try vault.checkPlace()
            } catch {
                guard error.code == .replaced, !vault.wasPurged else { continue }
                return barrier.refuse(error)
            }
        }
        for (name, file) in files {
            guard let home = context.home, let path = home.path(ofReplaced: file.identity, name),
                barrier.epoch == file.epoch
            else { continue }
            // To purge it would have taken a change of access.
            return barrier.refuse(.replaced(name, path))
        }
        return false
    }
}

// MARK: - Making room

extension OpenVaults {
    /// Has `callback` called before a vault is opened; by whoever opens it, who may hold the directory's lock.
    func beforeOpening(_ callback: @escaping @Sendable () -> Void) {
        preparation.withLock { $0 = callback }
    }

    /// Has `callback` called with the name of a vault that was closed to make room.
    func onClose(_ callback: @escaping @Sendable (String) -> Void) {
        observers.withLock { $0.append(callback) }
    }

    /// Closes vaults until there is room for another.
    private func makeRoom() {
        let unused = state.withLock { state in
            state.takeUnused(leaving: limit - 1, in: epochs.epoch)
        }
        guard !unused.isEmpty else { return }
        let observers = observers.withLock { $0 }
        for vault in unused {
            vault.close()
            for callback in observers { callback(vault.name) }
        }
    }
}

extension OpenVaults.State {
    fileprivate mutating func find(_ name: String) -> Vault? {
        guard let vault = vaults[name]?.vault else { return nil }
        useCount += 1
        vaults[name]?.lastUse = useCount
        return vault
    }

    fileprivate mutating func insert(_ vault: Vault) {
        useCount += 1
        vaults[vault.name] = OpenVaults.OpenedVault(vault: vault, lastUse: useCount)
    }

    /// Takes out as many as are too many, the longest unused first. One that somebody holds stays, and so does one
    /// whose keys were used since it was last its turn, by what is known of them elsewhere.
    fileprivate mutating func takeUnused(leaving count: Int, in epoch: UInt64) -> [Vault] {
        var unused: [Vault] = []
        // Twice: the first time may find that each was used.
        for _ in 0..<2 where vaults.count > count {
            // Names alone: a vault that is in here, too, would be held.
            let names = vaults.map { (name: $0.key, lastUse: $0.value.lastUse) }
                .sorted { $0.lastUse < $1.lastUse }.map(\.name)
            for name in names where vaults.count > count {
                guard var opened = vaults.removeValue(forKey: name) else { continue }
                let wasUsed = opened.vault.use.takeNote()
                guard !wasUsed, isKnownUniquelyReferenced(&opened.vault) else {
                    useCount += wasUsed ? 1 : 0
                    if wasUsed { opened.lastUse = useCount }
                    vaults[name] = opened
                    continue
                }
                if let identity = opened.vault.identity, opened.vault.use.epoch == epoch {
                    files[name] = OpenVaults.ClosedFile(identity: identity, epoch: epoch)
                }
                unused.append(opened.vault)
            }
        }
        return unused
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
        try readWithVault(name, evenIfDeleted: evenIfDeleted, work).result
    }

    /// As ``read(_:evenIfDeleted:_:)``; returns the vault, too, which stays open as long as it is held.
    func readWithVault<Result: Sendable>(
        _ name: String, evenIfDeleted: Bool = false, _ work: TableWork<Result>
    ) throws(VaultError) -> (result: Result, vault: Vault) {
        let (answer, vault) = try readOnce(name, evenIfDeleted, work)
        // In memory there is no other, and one that is hidden may come back.
        guard case .failure(let error) = answer, error.code == .vaultNotFound, context.home != nil
        else { return (try answer.get(), vault) }
        // It was purged: there may be another of that name by now.
        forget(name)
        let (second, present) = try readOnce(name, evenIfDeleted, work)
        return (try second.get(), present)
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

    /// Which state of a vault's database a transaction that begins now sees; nil if that can't be told.
    func version(of name: String) -> VaultVersion? {
        (try? vault(named: name).version()) ?? nil
    }

    /// How often tables were read, for tests.
    var readCount: Int { readings.load(ordering: .relaxed) }

    /// Returns if there is a vault of that name.
    ///
    /// - Throws: As ``read(_:evenIfDeleted:_:)``.
    func check(_ name: String, evenIfDeleted: Bool = false) throws(VaultError) {
        try read(name, evenIfDeleted: evenIfDeleted) { _, _ throws(DatabaseError) in .success(()) }
    }

    private func readOnce<Result: Sendable>(
        _ name: String, _ evenIfDeleted: Bool, _ work: TableWork<Result>
    ) throws(VaultError) -> (Swift.Result<Result, VaultError>, Vault) {
        let now = try context.presentTime().seconds
        return try withVault(name) { vault throws(VaultError) in
            readings.wrappingAdd(1, ordering: .relaxed)
            let result = try vault.read { tables throws(DatabaseError) in
                try Self.attempt(work, name, evenIfDeleted, now, tables)
            }
            return (result, vault)
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
            .vaultDeleted, "the vault '\(name)' is deleted, and with it all its keys",
            about: .vault(name), remedies: [.change(.recoverVault(name))])
    }
}
