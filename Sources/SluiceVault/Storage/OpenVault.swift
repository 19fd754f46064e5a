internal import SluiceAccess
internal import SluiceNative

/// A vault's database that is open, and which files that has opened.
struct OpenVault: Sendable {
    let connection: Connection
    /// Whether the name of the log is durable, which opening may have made.
    var isLogNamed = false
    private let name: String
    /// Nil in memory.
    private let files: OpenedFiles?

    /// A database that is nowhere but in memory.
    init(inMemory connection: Connection, of name: String) {
        self.connection = connection
        self.name = name
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
        do throws(SystemError) {
            var files = try OpenedFiles(in: directory)
            for suffix in ["", "-wal", "-shm"] where suffix.isEmpty || Self.has(suffix, directory) {
                try files.add(Vault.databaseName + suffix)
            }
            self.files = files
        } catch {
            throw VaultError(error, while: "opening the vault '\(name)'")
        }
        // What the name leads to a moment later is what was opened by it.
        guard !connection.hasMoved else {
            throw Self.replaced(name, "\(directory.path)/\(Vault.databaseName)")
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
        let path: String?
        do throws(SystemError) {
            path = try files?.firstReplaced(orMissing: true)
        } catch {
            throw VaultError(error, while: "looking for the vault '\(name)'")
        }
        if let path { throw Self.replaced(name, path) }
    }

    /// Closes the database, and leaves alone what is another's by now.
    func close() {
        if (try? checkPlace()) != nil { connection.close() } else { connection.abandon() }
    }

    private static func replaced(_ name: String, _ path: String) -> VaultError {
        VaultError(
            .replaced,
            "\(path), of the vault '\(name)', was exchanged for another or removed while this process had it "
                + "open, so what is revoked in the one isn't noticed in the other: end every process that "
                + "uses these vaults, and start again")
    }
}
