internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A vault's database that is open, and which files that has opened.
struct OpenVault: Sendable {
    let connection: Connection
    /// Which of all connections that this process has had to vaults.
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    private static let count = Atomic(0)
    /// Which file the database is; nil in memory.
    let identity: FileStatus.Identity?
    /// Whether the name of the log is durable, which opening may have made.
    private var isLogNamed = false
    private let name: String
    private let directory: Directory?
    private let files: OpenedFiles?

    /// A database that is nowhere but in memory.
    init(inMemory connection: Connection, of name: String) {
        self.connection = connection
        self.name = name
        identity = nil
        directory = nil
        files = nil
    }

    /// A connection that was just made to the database in a directory: it has opened the log and the log's
    /// index, too, or made them.
    ///
    /// - Throws: `replaced`, `io`.
    init(
        _ connection: Connection, of name: String, in directory: Directory
    ) throws(VaultError) {
        self.connection = connection
        self.name = name
        self.directory = directory
        do throws(SystemError) {
            var files = try OpenedFiles(in: directory)
            let database = try directory.status(Vault.databaseName)
            try files.add(Vault.databaseName, database)
            for suffix in ["-wal", "-shm"] where Self.has(suffix, directory) {
                try files.add(Vault.databaseName + suffix)
            }
            self.files = files
            identity = database.identity
        } catch {
            throw VaultError(error, while: "opening the vault '\(name)'")
        }
        // What the name leads to a moment later is what was opened by it.
        guard !connection.hasMoved else {
            throw .replaced(name, "\(directory.path)/\(Vault.databaseName)")
        }
    }

    /// One that was put there by other means than Sluice may have no log.
    private static func has(_ suffix: String, _ directory: Directory) -> Bool {
        (try? directory.status(Vault.databaseName + suffix)) != nil
    }

    /// Looks whether the names lead still to what is open.
    ///
    /// - Throws: `replaced`; `io` if that can't be seen.
    func checkPlace() throws(VaultError) {
        let path = try translated(while: "looking for the vault '\(name)'") {
            () throws(SystemError) in
            try files?.firstReplaced(orMissing: true)
        }
        if let path { throw .replaced(name, path) }
    }

    /// Closes the database, and leaves alone what is another's by now.
    func close() {
        if (try? checkPlace()) != nil { connection.close() } else { connection.abandon() }
    }

    /// Makes the name of the log durable before the first change. SQLite does so with the first COMMIT, but
    /// takes no notice if it fails: then what was acknowledged, a revocation say, could vanish with the log.
    mutating func nameLog() throws(VaultError) {
        guard !isLogNamed, let directory else { return }
        do throws(SystemError) { try directory.sync() } catch {
            throw VaultError(error, while: "changing the vault '\(name)'")
        }
        isLogNamed = true
    }
}

extension VaultError {
    /// The refusal to use a vault's file whose name leads to another by now.
    static func replaced(_ vault: String, _ path: String) -> VaultError {
        VaultError(
            .replaced,
            "'\(path)', of the vault '\(vault)', was exchanged for another or removed while this process had "
                + "it open, so what is revoked in the one isn't noticed in the other",
            about: .file(path), remedies: [.machine(.restartProcesses)])
    }
}
