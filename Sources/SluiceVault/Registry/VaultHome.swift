internal import SluiceAccess
internal import SluiceNative

/// The directory that the vaults are in, each in a directory of its own.
///
/// Knows which files are where, and of what is open nothing.
struct VaultHome: Sendable {
    let path: String

    /// `barrier` is a file in the directory, so no vault can have its name.
    static let reservedNames: Set<String> = [ReservedVault.name, "barrier"]
    private static let lockName = "vaults.lock"
    private static let stagingName = ".new"
    /// What a vault is called while it is being removed.
    private static let purgedName = ".purged"
    /// What others may not write to.
    private static let fileNames = [
        BarrierFile.name, BarrierFile.noteName, RootKeyPlace.recordName,
        RootKeyPlace.nextName, lockName,
    ]

    /// Makes the directory if it isn't there, durably.
    func make() throws(SystemError) {
        if !(try FileSystem.exists(path)) {
            try FileSystem.makeDirectories(path, isDurable: true, givesToOwner: true)
        }
    }

    /// The names of the vaults there are, in no order.
    func vaultNames() throws(VaultError) -> [String] {
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

    /// The directory of a vault.
    ///
    /// - Throws: `vaultNotFound`, `vaultsExposed`.
    func place(ofVault name: String) throws(VaultError) -> (directory: Directory, path: String) {
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

    /// The path of a vault's database, if that is another file by now than the one that was noted, or missing; nil if
    /// it is the same, or can't be looked at now.
    func path(ofReplaced identity: FileStatus.Identity, _ vault: String) -> String? {
        let path = "\(path)/\(vault)/\(Vault.databaseName)"
        do throws(SystemError) {
            return try FileSystem.status(path).identity == identity ? nil : path
        } catch {
            return error.isNotFound || error.isNotDirectory ? path : nil
        }
    }

    // MARK: Making and removing vaults

    /// The directory, lent to the only one in any process who makes or removes vaults.
    struct Locked {
        let directory: Directory
        let path: String
    }

    /// Lends the directory to `body`, alone among all processes.
    func locked<Result>(
        _ doing: String, _ body: (Locked) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let locked: Locked
        let lock: FileLock
        do throws(SystemError) {
            locked = Locked(
                directory: try Directory.openGuarded(path, givesToOwner: true),
                path: try FileSystem.realPath(path))
            lock = try FileLock(Self.lockName, in: locked.directory)
        } catch {
            throw VaultError(error, while: doing)
        }
        try locked.directory.requireUnexposed(path)
        return try lock.hold(for: "the vaults in \(path)", deadline: .none) {
            () throws(VaultError) in
            try body(locked)
        }
    }

    /// Lends the directory to `body` likewise, or not at all if it can't be had at once.
    func lockedIfFree(_ body: (Locked) -> Void) {
        guard let directory = try? Directory.openGuarded(path, givesToOwner: true),
            let realPath = try? FileSystem.realPath(path),
            (try? directory.isWritable([Self.lockName])) == true,
            let lock = try? FileLock(Self.lockName, in: directory)
        else { return }
        lock.holdIfFree { body(Locked(directory: directory, path: realPath)) }
    }

    /// Makes a vault aside and renames it, so that it is whole whenever it can be seen.
    func make(_ name: String, in home: Locked, _ fill: Vault.Filling) throws(VaultError) {
        let stagingPath = "\(home.path)/\(Self.stagingName)"
        let doing = "making the vault '\(name)'"
        let staging: Directory
        do throws(SystemError) {
            // What a process left that died here: nobody else can be, under the lock.
            if try FileSystem.exists(stagingPath) { try FileSystem.remove(tree: stagingPath) }
            staging = try home.directory.openOrMakeDirectory(Self.stagingName)
        } catch {
            throw VaultError(error, while: doing)
        }
        try Vault.create(name, in: staging, at: stagingPath, fill)
        do throws(SystemError) {
            try home.directory.rename(Self.stagingName, to: name)
            try home.directory.sync()
        } catch {
            throw VaultError(error, while: doing)
        }
    }

    /// Removes a vault's directory. It is renamed first, so that no half of it is taken for the vault.
    func remove(_ name: String, in home: Locked) throws(VaultError) {
        do throws(SystemError) {
            let gone = "\(home.path)/\(Self.purgedName)"
            if try FileSystem.exists(gone) { try FileSystem.remove(tree: gone) }
            try home.directory.rename(name, to: Self.purgedName)
            try home.directory.sync()
            try FileSystem.remove(tree: gone)
        } catch {
            throw VaultError(error, while: "purging the vault '\(name)'")
        }
    }
}
