internal import SluiceAccess
internal import SluiceNative

extension Vault {
    /// Takes out of a vault's database what Sluice doesn't put there (triggers, views, indices, tables), makes
    /// indices that are missing, and says what it has taken out. No row is touched.
    ///
    /// - Throws: `damaged` if a table is missing or was altered, with nothing changed; `newerVersion`,
    ///   `busy`.
    static func repair(
        _ name: String, in directory: Directory, at path: String
    ) throws(VaultError) -> [String] {
        let lock: FileLock
        do { lock = try FileLock(lockName, in: directory) } catch {
            throw VaultError(error, while: "repairing the vault '\(name)'")
        }
        return try lock.hold(for: "the vault '\(name)'", deadline: .none) {
            () throws(VaultError) in
            do throws(DatabaseError) {
                let connection = try Connection(
                    path: "\(path)/\(databaseName)", mode: .readWrite, followLinks: false)
                defer { connection.close() }
                try connection.execute(VaultTables.settings)
                // What is of another version is for that to repair, and says so when it is opened.
                let format = try VaultTables(connection: connection).format()
                guard format == VaultTables.currentFormat else { return [] }
                return try connection.immediateTransaction { () throws(DatabaseError) in
                    try connection.correct(to: VaultTables.tables)
                }
            } catch {
                guard error.isSchemaAltered || error.isStatementRefused else {
                    throw VaultError(error, vault: name)
                }
                throw VaultError(
                    .damaged,
                    "the database of the vault '\(name)' can't be repaired: \(error.message)",
                    about: .vault(name), remedies: [.restoreVaults], cause: error)
            }
        }
    }
}
