internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

extension VaultDirectory {
    /// See ``ActingVaults``.
    func createVault(
        name: String, retentionDays: Int, isPurgeProtected: Bool, as identity: Identity
    ) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        guard !Self.reservedNames.contains(name) else {
            throw VaultError(
                .invalidName, "the name '\(name)' is reserved: give the vault another")
        }
        guard (7...90).contains(retentionDays) else {
            throw VaultError(
                .invalidArgument,
                "the vault '\(name)' can't keep deleted keys for \(retentionDays) days: choose 7 to "
                    + "90")
        }
        try requireOwner(identity, to: "make vaults")
        try purgeVaultsThatAreDue()
        let time = try presentTime()
        let row = VaultRow(
            name: name, createdSeconds: time.seconds, retentionDays: retentionDays,
            isPurgeProtected: isPurgeProtected, noted: time.moment)
        guard try make(row) else {
            do throws(VaultError) {
                // Throws if it is a deleted one.
                try read(name) { _, _ throws(DatabaseError) in .success(()) }
            } catch {
                guard error.code == .vaultNotFound else { throw error }
                throw VaultError(
                    .vaultDeleted,
                    "the name '\(name)' belongs to a deleted vault whose time has come only by a clock "
                        + "that may have run ahead: set the clock right, or give the vault another name"
                )
            }
            throw VaultError(.alreadyExists, "there already is a vault '\(name)': use that one")
        }
        return VaultProperties(row, [])
    }

    /// See ``ActingVaults``.
    func vaults(
        as identity: Identity
    ) throws(VaultError) -> [VaultProperties] {
        try state.withLock { state throws(VaultError) in try Self.checkOpen(state) }
        try requireOwner(identity, to: "list the vaults")
        var all: [VaultProperties] = []
        for name in try vaultNames().sorted() {
            do throws(VaultError) {
                all.append(try properties(of: name))
            } catch {
                guard error.code == .vaultDeleted || error.code == .vaultNotFound else {
                    throw error
                }
            }
        }
        return all
    }

    /// See ``ActingVaults``.
    func vault(
        _ name: String, as identity: Identity
    ) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        try requireOwner(identity, to: "see the settings of the vault '\(name)'")
        return try properties(of: name)
    }

    /// See ``ActingVaults``.
    func enablePurgeProtection(
        vault name: String, as identity: Identity
    ) throws(VaultError) -> VaultProperties {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try recording("enablePurgeProtection", in: name, as: identity) {
            () throws(VaultError) in
            try requireOwner(identity, to: "change the vault '\(name)'")
            return try write(name) { tables, row throws(DatabaseError) in
                var row = row
                row.isPurgeProtected = true
                try tables.update(row)
                return .success(VaultProperties(row, try tables.policies()))
            }
        }
    }

    /// See ``ActingVaults``.
    func repairVault(
        _ name: String, as identity: Identity
    ) throws(VaultError) -> [String] {
        let name = try KeyIdentifier.validated(vaultName: name)
        try requireOwner(identity, to: "repair the vault '\(name)'")
        try state.withLock { state throws(VaultError) in try Self.checkOpen(state) }
        guard let path else { throw .vaultNotFound(name) }
        forget(vaultNamed: name)
        let place = try place(ofVault: name, below: path)
        let removed = try Vault.repair(name, in: place.directory, at: place.path)
        _ = try vault(named: name)
        return removed
    }

    private func place(
        ofVault name: String, below path: String
    ) throws(VaultError) -> (directory: Directory, path: String) {
        let home: Directory
        let directory: Directory
        let vaultPath: String
        do throws(SystemError) {
            home = try Directory.openGuarded(path, givesToOwner: true)
            directory = try home.openDirectory(name)
            // Absolute, so that SQLite finds its files again wherever the process goes.
            vaultPath = "\(try FileSystem.realPath(path))/\(name)"
        } catch {
            if error.isNotFound { throw .vaultNotFound(name) }
            throw VaultError(error, while: "opening the vault '\(name)'")
        }
        try home.requireUnexposed(path, holding: Self.fileNames)
        try directory.requireUnexposed(vaultPath, holding: Vault.fileNames)
        return (directory, vaultPath)
    }

    private func properties(of name: String) throws(VaultError) -> VaultProperties {
        try read(name) { tables, row throws(DatabaseError) in
            .success(VaultProperties(row, try tables.policies()))
        }
    }

    // MARK: For the rest of this type

    /// The vault that holds the platform-managed key.
    static let platformName = "platform"
    /// `barrier` will be a file in the directory.
    private static let reservedNames: Set<String> = [platformName, "barrier"]
    private static let stagingName = ".new"
    /// What others may not write to.
    private static let fileNames = [
        BarrierFile.name, BarrierFile.noteName, RootKeyHolder.recordName, "vaults.lock",
    ]

    /// A vault, opened when first asked for.
    ///
    /// - Throws: `vaultNotFound`.
    func vault(named name: String) throws(VaultError) -> Vault {
        try state.withLock { state throws(VaultError) in
            try Self.checkOpen(state)
            if let vault = state.vaults[name] { return vault }
            guard let path else { throw .vaultNotFound(name) }
            let place = try place(ofVault: name, below: path)
            let vault = try Vault.open(name, in: place.directory, at: place.path)
            state.vaults[name] = vault
            return vault
        }
    }

    /// Makes a vault unless there is one of that name; says whether it was made.
    func make(_ row: VaultRow) throws(VaultError) -> Bool {
        guard let path else {
            return try state.withLock { state throws(VaultError) in
                try Self.checkOpen(state)
                guard state.vaults[row.name] == nil else { return false }
                state.vaults[row.name] = try Vault.inMemory(row)
                return true
            }
        }
        try state.withLock { state throws(VaultError) in try Self.checkOpen(state) }
        do { try Self.makeHome(path) } catch {
            throw VaultError(error, while: "making the vault '\(row.name)'")
        }
        return try withHome(path, "making the vault '\(row.name)'") {
            home, homePath throws(VaultError) in
            let names = try vaultNames()
            guard !names.contains(row.name) else { return false }
            if names.isEmpty {
                // Whoever made the directory may have died before its name was durable.
                do throws(SystemError) { try FileSystem.syncName(of: path) } catch {
                    throw VaultError(error, while: "making the directory of the vaults")
                }
            }
            // Before the first vault: later, there might have been another, see `BarrierFile`.
            if names.isEmpty { _ = try barrier() }
            _ = try rootKey.keyOrNew(hasVaults: !names.isEmpty)
            try Self.make(row, in: home, at: homePath)
            return true
        }
    }

    /// Lends the directory of the vaults, to the only one in any process who makes or removes vaults.
    func withHome<Result>(
        _ path: String, _ doing: String,
        _ body: (_ home: Directory, _ homePath: String) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let home: Directory
        let homePath: String
        let lock: FileLock
        do throws(SystemError) {
            home = try Directory.openGuarded(path, givesToOwner: true)
            homePath = try FileSystem.realPath(path)
            lock = try FileLock("vaults.lock", in: home)
        } catch {
            throw VaultError(error, while: doing)
        }
        try home.requireUnexposed(path)
        return try lock.hold(for: "the vaults in \(path)", deadline: .none) {
            () throws(VaultError) in
            try body(home, homePath)
        }
    }

    /// Forgets a vault that is open, which the next use opens anew.
    func forget(vaultNamed name: String) {
        let vault = state.withLock { $0.vaults.removeValue(forKey: name) }
        vault?.close()
    }

    // MARK: Private

    private static func checkOpen(_ state: borrowing State) throws(VaultError) {
        guard !state.isClosed else {
            throw VaultError(.closed, "the key vaults were closed: open them again")
        }
    }

    /// Makes a vault aside and renames it, so that it is whole whenever it can be seen.
    private static func make(
        _ row: VaultRow, in home: Directory, at homePath: String
    ) throws(VaultError) {
        let stagingPath = "\(homePath)/\(stagingName)"
        let doing = "making the vault '\(row.name)'"
        let staging: Directory
        do throws(SystemError) {
            // What a process left that died here: nobody else can be, under the lock.
            if try FileSystem.exists(stagingPath) { try FileSystem.remove(tree: stagingPath) }
            staging = try home.openOrMakeDirectory(stagingName)
        } catch {
            throw VaultError(error, while: doing)
        }
        try Vault.create(row, in: staging, at: stagingPath)
        do throws(SystemError) {
            try home.rename(stagingName, to: row.name)
            try home.sync()
        } catch {
            throw VaultError(error, while: doing)
        }
    }

    /// The directory of the vaults, made if it isn't there, durably.
    static func makeHome(_ path: String) throws(SystemError) {
        if !(try FileSystem.exists(path)) {
            try FileSystem.makeDirectories(path, isDurable: true, givesToOwner: true)
        }
    }

    /// The names of the vaults there are, in no order.
    func vaultNames() throws(VaultError) -> [String] {
        guard let path else { return state.withLock { Array($0.vaults.keys) } }
        do throws(SystemError) {
            let home = try Directory.open(path)
            var names: [String] = []
            for case let name? in try home.names().map(\.string)
            where (try? KeyIdentifier.validated(vaultName: name)) == name {
                if try home.status(name).kind == .directory { names.append(name) }
            }
            return names
        } catch {
            if error.isNotFound { return [] }
            throw VaultError(error, while: "listing the vaults")
        }
    }
}
