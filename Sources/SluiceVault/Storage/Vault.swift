internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// One embedded vault that exists: its database, and the lock that its writers share.
///
/// Several processes may have the same vault open. Within a process, reads and writes take turns.
final class Vault: Sendable {
    let name: String
    /// What is done with its keys.
    let log: OperationLog

    private let storage: Storage
    private let connection: Mutex<OpenVault?>
    /// Held by the one thread of this process that may hold the lock among processes.
    private let turn = Mutex(())
    /// Held by the one thread of this process that retires a key version.
    private let retiringTurn = Mutex(())

    private enum Storage {
        case memory
        case files(
            databasePath: String, directory: Directory, lock: FileLock, reserve: SpaceReserve)
    }

    static let databaseName = "vault.db"
    static let lockName = "lock"
    /// What others may not write to.
    static let fileNames = [
        databaseName, "\(databaseName)-wal", "\(databaseName)-shm", lockName, retiringLockName,
    ]
    /// Held by whoever retires a key version, in any process.
    static let retiringLockName = "retiring.lock"

    private init(
        name: String, storage: Storage, connection: OpenVault, log: OperationLog
    ) {
        self.name = name
        self.storage = storage
        self.connection = Mutex(connection)
        self.log = log
    }

    // MARK: Opening

    /// Makes a vault that is nowhere but in memory.
    static func inMemory(_ row: VaultRow) throws(VaultError) -> Vault {
        do throws(DatabaseError) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            try connection.execute(VaultTables.settings)
            let tables = VaultTables(connection: connection)
            try tables.create(row)
            try tables.guardSchema()
            return Vault(
                name: row.name, storage: .memory,
                connection: OpenVault(inMemory: connection, of: row.name), log: OperationLog())
        } catch {
            throw VaultError(error, vault: row.name)
        }
    }

    /// Makes a vault's files in a directory that is empty and that nobody else uses, durably.
    static func create(_ row: VaultRow, in directory: Directory, at path: String) throws(VaultError)
    {
        do throws(SystemError) {
            _ = try FileLock(lockName, in: directory)
            _ = try FileLock(retiringLockName, in: directory)
            // Made here for its permissions: SQLite would go by the process's mask. Nobody can have it
            // open yet, which matters, for closing a descriptor drops SQLite's locks on the file.
            _ = try directory.createExclusively(databaseName)
        } catch {
            throw VaultError(error, while: "making the vault '\(row.name)'")
        }
        // SQLite takes no notice if its own sync of the directory fails: nothing may be left to that.
        try sync(directory, making: row.name)
        let connection: Connection
        do throws(DatabaseError) {
            connection = try Connection(
                path: "\(path)/\(databaseName)", mode: .readWrite, followLinks: false)
            try connection.execute("PRAGMA journal_mode = WAL")
            try connection.execute(VaultTables.settings)
        } catch {
            throw VaultError(error, vault: row.name)
        }
        defer { connection.close() }
        // The log's name too, see `nameLog`.
        try sync(directory, making: row.name)
        do throws(DatabaseError) {
            try connection.immediateTransaction { () throws(DatabaseError) in
                try VaultTables(connection: connection).create(row)
            }
            try connection.checkpoint(.truncate)
            connection.close()
        } catch {
            throw VaultError(error, vault: row.name)
        }
        try sync(directory, making: row.name)
    }

    private static func sync(_ directory: Directory, making name: String) throws(VaultError) {
        do { try directory.sync() } catch {
            throw VaultError(error, while: "making the vault '\(name)'")
        }
    }

    /// Opens the vault that a directory holds.
    ///
    /// - Throws: `damaged` if it holds none, or one of another name; `newerVersion`.
    static func open(
        _ name: String, in directory: Directory, at path: String
    ) throws(VaultError) -> Vault {
        let databasePath = "\(path)/\(databaseName)"
        let isThere: Bool
        let lock: FileLock
        do throws(SystemError) {
            isThere = try FileSystem.exists(databasePath)
            lock = try FileLock(lockName, in: directory)
        } catch {
            throw VaultError(error, while: "opening the vault '\(name)'")
        }
        guard isThere else { throw .notDatabase(databasePath, of: name) }
        // For a change that takes access away: SQLite's files, when nobody has the vault open, and a
        // few pages of log.
        let reserve = SpaceReserve(in: directory, fileCount: 2, fileByteCount: 128 << 10)
        let connection = try connect(databasePath, name, directory, lock, reserve)
        // A vault that has none yet gets it, be it opened for reading.
        lock.holdIfFree { reserve.take() }
        return Vault(
            name: name,
            storage: .files(
                databasePath: databasePath, directory: directory, lock: lock, reserve: reserve),
            connection: connection, log: OperationLog(in: directory))
    }

    /// Connects, and makes room for SQLite's files if there is none.
    private static func connect(
        _ databasePath: String, _ name: String, _ directory: Directory, _ lock: FileLock,
        _ reserve: SpaceReserve
    ) throws(VaultError) -> OpenVault {
        do throws(VaultError) {
            return try connect(databasePath, name, directory)
        } catch {
            // Of a file that finds no inode SQLite says only that it can't be opened.
            guard error.code == .noSpace || error.code == .io else { throw error }
            let first = error
            // So that nobody takes it again meanwhile.
            return try lock.hold(for: "the vault '\(name)'", deadline: .none) {
                () throws(VaultError) in
                guard reserve.giveUp() else { throw first }
                return try connect(databasePath, name, directory)
            }
        }
    }

    private static func connect(
        _ databasePath: String, _ name: String, _ directory: Directory
    ) throws(VaultError) -> OpenVault {
        let connection: Connection
        let format: Int
        let row: VaultRow?
        do throws(DatabaseError) {
            connection = try Connection(path: databasePath, mode: .readWrite, followLinks: false)
            try connection.execute(VaultTables.settings)
            let tables = VaultTables(connection: connection)
            format = try tables.format()
            if format == VaultTables.currentFormat { try tables.guardSchema() }
            row = format == VaultTables.currentFormat ? try tables.vault() : nil
        } catch {
            throw VaultError(error, vault: name)
        }
        guard format <= VaultTables.currentFormat else {
            throw VaultError(
                .newerVersion,
                "the vault '\(name)' was made by a newer version of Sluice: use that version")
        }
        guard let row, row.name == name else {
            throw .notDatabase(databasePath, of: name)
        }
        return try OpenVault(connection, of: name, in: directory)
    }

    /// Closes the database; the next use opens it again.
    func close() {
        log.flush()
        guard case .files = storage else { return }
        connection.withLock { connection in
            connection?.close()
            connection = nil
        }
    }

    // MARK: Using

    /// Runs reads that all see the same state.
    func read<Result: Sendable>(
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        try withConnection { connection throws(DatabaseError) in
            try connection.readTransaction { () throws(DatabaseError) in
                try body(VaultTables(connection: connection))
            }
        }
    }

    /// Runs a change, alone among all processes, and makes it durable.
    ///
    /// - Parameters:
    ///   - isUrgent: Whether it may use the vault's reserve of space when the disk is full.
    ///   - body: The change. Runs once more if the disk was full.
    /// - Throws: `busy`, `deadlineExceeded`, `io`, `noSpace`, `damaged`; `outcomeUnknown` if the COMMIT
    ///   failed.
    func write<Result: Sendable>(
        isUrgent: Bool = false, deadline: Deadline = .none,
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        switch storage {
        case .memory: try transact(body)
        case .files(_, _, let lock, let reserve):
            try turn.withLock { _ throws(VaultError) in
                try lock.hold(for: "the vault '\(name)'", deadline: deadline) {
                    () throws(VaultError) in
                    reserve.take()
                    do throws(VaultError) {
                        return try transact(body)
                    } catch {
                        guard error.code == .noSpace, isUrgent, reserve.giveUp() else {
                            throw error
                        }
                        return try transact(body)
                    }
                }
            }
        }
    }

    /// Runs `body` as the only one in any process who retires a version of this vault's keys: whoever was
    /// about to before has ended, or died.
    ///
    /// - Throws: `busy` if another one takes longer than half a minute.
    func whileRetiring<Result: Sendable>(
        _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let lock = try retiringLock()
        return try retiringTurn.withLock { _ throws(VaultError) in
            guard let lock else { return try body() }
            return try lock.hold(
                for: "what is retired in the vault '\(name)'", deadline: .none, body)
        }
    }

    /// Runs `body` likewise, if nobody retires anything now.
    func ifNobodyRetires(_ body: () -> Void) throws(VaultError) {
        let lock = try retiringLock()
        _ = retiringTurn.withLockIfAvailable { _ in
            if let lock { lock.holdIfFree(body) } else { body() }
        }
    }

    /// Looks whether the vault's names lead still to the files that are open here.
    ///
    /// - Throws: `replaced`; `io`.
    func checkPlace() throws(VaultError) {
        try connection.withLock { open throws(VaultError) in try open?.checkPlace() }
    }

    /// Whether a vault that was replaced had been purged before, as what is open here says: then it was
    /// removed rightly, and another may have its name.
    var wasPurged: Bool {
        connection.withLock { open in
            guard let open else { return true }
            let row = try? VaultTables(connection: open.connection).vault()
            return row.map { $0.isPurged } ?? false
        }
    }

    // MARK: Private

    private func retiringLock() throws(VaultError) -> FileLock? {
        guard case .files(_, let directory, _, _) = storage else { return nil }
        do { return try FileLock(Self.retiringLockName, in: directory) } catch {
            throw VaultError(error, while: "locking what is retired in the vault '\(name)'")
        }
    }

    private func transact<Result: Sendable>(
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        try withConnection(isChange: true) { connection throws(DatabaseError) in
            let result = try connection.immediateTransaction { () throws(DatabaseError) in
                try body(VaultTables(connection: connection))
            }
            // What fails here is tried again after the next change: the log has it all, durably.
            _ = try? connection.checkpoint(.passive)
            return result
        }
    }

    private func withConnection<Result: Sendable>(
        isChange: Bool = false, _ body: (Connection) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        try connection.withLock { slot throws(VaultError) in
            var open: OpenVault
            if let slot {
                open = slot
                // Each question, for the epoch has moved, and each change.
                try open.checkPlace()
            } else {
                open = try reconnected()
            }
            slot = open
            if isChange {
                try nameLog(&open)
                slot = open
            }
            let result: Result
            do throws(DatabaseError) {
                result = try body(open.connection)
            } catch {
                // After a COMMIT of unknown outcome the connection knows no more than we do.
                if error.isOutcomeUnknown, case .files = storage { slot = nil }
                throw VaultError(error, vault: name)
            }
            // What was committed to a file that others don't see is not acknowledged.
            if isChange { try open.checkPlace() }
            return result
        }
    }

    /// Makes the name of the log durable before the first change. SQLite does so with the first COMMIT, but
    /// takes no notice if it fails: then what was acknowledged, a revocation say, could vanish with the log.
    private func nameLog(_ open: inout OpenVault) throws(VaultError) {
        guard !open.isLogNamed, case .files(_, let directory, _, _) = storage else { return }
        do throws(SystemError) { try directory.sync() } catch {
            throw VaultError(error, while: "changing the vault '\(name)'")
        }
        open.isLogNamed = true
    }

    private func reconnected() throws(VaultError) -> OpenVault {
        guard case .files(let databasePath, let directory, _, _) = storage else {
            preconditionFailure("a vault in memory lost its database")
        }
        return try Self.connect(databasePath, name, directory)
    }
}

extension VaultError {
    fileprivate static func notDatabase(_ path: String, of vault: String) -> VaultError {
        VaultError(
            .damaged,
            "\(path) is not the database of the vault '\(vault)', or is missing: put the right one there, "
                + "from a backup or from where it was moved to")
    }
}
