internal import SluiceNative
internal import Synchronization

extension VaultDirectory {
    /// Makes a vault; the first one makes the directory and the root key too.
    ///
    /// - Parameters:
    ///   - retentionDays: For how many days a deleted key can be recovered, 7 to 90.
    ///   - isPurgeProtected: Whether it can't be purged before that.
    /// - Throws: `invalidName`, also for a reserved name; `invalidArgument`; `alreadyExists`.
    public func createVault(
        name: String, retentionDays: Int = 90, isPurgeProtected: Bool = false
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
        let row = VaultRow(
            name: name, createdSeconds: clock.nowSeconds(), retentionDays: retentionDays,
            isPurgeProtected: isPurgeProtected)
        guard try make(row) else {
            throw VaultError(.alreadyExists, "there already is a vault '\(name)': use that one")
        }
        return row.properties
    }

    /// The vaults there are, in the order of their names, the reserved one among them.
    public func vaults() throws(VaultError) -> [VaultProperties] {
        try state.withLock { state throws(VaultError) in try Self.checkOpen(state) }
        var properties: [VaultProperties] = []
        for name in try vaultNames().sorted() {
            properties.append(try vault(named: name).row.properties)
        }
        return properties
    }

    // MARK: For the rest of this type

    /// The vault that holds the platform-managed key.
    static let platformName = "platform"
    /// `barrier` will be a file in the directory.
    private static let reservedNames: Set<String> = [platformName, "barrier"]
    private static let lockName = "vaults.lock"
    private static let stagingName = ".new"

    /// A vault, opened when first asked for.
    ///
    /// - Throws: `vaultNotFound`.
    func vault(named name: String) throws(VaultError) -> Vault {
        try state.withLock { state throws(VaultError) in
            try Self.checkOpen(state)
            if let vault = state.vaults[name] { return vault }
            guard let path else { throw .vaultNotFound(name) }
            let directory: Directory
            let vaultPath: String
            do throws(SystemError) {
                directory = try Directory.open(path).openDirectory(name)
                // Absolute, so that SQLite finds its files again wherever the process goes.
                vaultPath = "\(try FileSystem.realPath(path))/\(name)"
            } catch {
                if error.isNotFound { throw .vaultNotFound(name) }
                throw VaultError(error, while: "opening the vault '\(name)'")
            }
            let vault = try Vault.open(name, in: directory, at: vaultPath)
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
        let home: Directory
        let homePath: String
        let lock: FileLock
        do throws(SystemError) {
            home = try Self.makeHome(path)
            homePath = try FileSystem.realPath(path)
            lock = try FileLock(Self.lockName, in: home)
        } catch {
            throw VaultError(error, while: "making the vault '\(row.name)'")
        }
        return try lock.hold(for: "the vaults in \(path)", deadline: .none) {
            () throws(VaultError) in
            let names = try vaultNames()
            guard !names.contains(row.name) else { return false }
            _ = try rootKey.keyOrNew(hasVaults: !names.isEmpty)
            try Self.make(row, in: home, at: homePath)
            return true
        }
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
    private static func makeHome(_ path: String) throws(SystemError) -> Directory {
        if !(try FileSystem.exists(path)) {
            try FileSystem.makeDirectories(path)
            try Directory.open("\(path)/..").sync()
        }
        return try Directory.open(path)
    }

    /// The names of the vaults there are, in no order.
    private func vaultNames() throws(VaultError) -> [String] {
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

extension VaultRow {
    fileprivate var properties: VaultProperties {
        VaultProperties(
            name: name, type: "Microsoft.KeyVault/vaults",
            properties: VaultProperties.Settings(
                vaultURI: KeyIdentifier.vaultURI(name) + "/", enableSoftDelete: true,
                softDeleteRetentionInDays: retentionDays, enablePurgeProtection: isPurgeProtected))
    }
}
