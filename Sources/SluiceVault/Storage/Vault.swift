internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// One embedded vault that exists: its database, and the lock that its writers share.
///
/// Several processes may have the same vault open. Within a process changes take turns, at the main connection. Reads
/// take it, too, if it is free; otherwise they have connections of their own, so that nobody who asks waits for the
/// disk of somebody who changes something.
final class Vault: Sendable {
    let name: String
    /// What is done with its keys.
    let log: OperationLog
    /// Which file its database was when it was opened; nil in memory.
    let identity: FileStatus.Identity?
    let use = VaultUse()

    private let storage: Storage
    /// Where its files are; nil in memory.
    private let directory: Directory?
    private let main: VaultConnection
    /// For reads while the main one is in use; none in memory, where there can't be a second.
    private let readers: [VaultConnection]
    /// Which of them is waited for if all are in use.
    private let nextReader = Atomic(0)
    /// In memory, how many changes were begun.
    private let changeCount = Atomic(0)
    /// Held by the one thread of this process that may hold the lock among processes.
    private let turn = Mutex(())
    /// Held by the one thread of this process that retires a key version.
    private let retiringTurn = Mutex(())

    private enum Storage {
        case memory
        /// Files that this process can't write.
        case unwritable(databasePath: String)
        case files(databasePath: String, lock: FileLock, reserve: SpaceReserve)
    }

    static let databaseName = "vault.db"
    static let lockName = "lock"
    /// What others may not write to.
    static let fileNames = [
        databaseName, "\(databaseName)-wal", "\(databaseName)-shm", lockName, retiringLockName,
    ]
    private static let readerCount = 2
    /// Held by whoever retires a key version, in any process.
    static let retiringLockName = "retiring.lock"

    private init(
        name: String, storage: Storage, in directory: Directory?, connection: OpenVault,
        log: OperationLog
    ) {
        self.name = name
        self.storage = storage
        self.directory = directory
        self.log = log
        identity = connection.identity
        guard let directory else {
            main = VaultConnection(to: name, connection, connect: nil)
            readers = []
            return
        }
        let path: String
        let isWritable: Bool
        switch storage {
        case .memory: preconditionFailure("a vault in memory is in no directory")
        case .unwritable(let databasePath): (path, isWritable) = (databasePath, false)
        case .files(let databasePath, _, _): (path, isWritable) = (databasePath, true)
        }
        let main = VaultConnection(to: name, connection) { () throws(VaultError) in
            try Self.connect(path, name, directory, isWritable: isWritable)
        }
        self.main = main
        // Not the file that the main one has, which may not be asked now: it may be busy.
        let identity = connection.identity
        readers = (0..<Self.readerCount).map { _ in
            VaultConnection(to: name) { () throws(VaultError) in
                let reader = try Self.connect(path, name, directory, isWritable: isWritable)
                guard reader.identity == identity else {
                    throw .replaced(name, "\(directory.path)/\(Self.databaseName)")
                }
                return reader
            }
        }
    }

    // MARK: Opening

    /// Makes a vault's tables, and fills them.
    typealias Filling = (VaultTables) throws(DatabaseError) -> Void

    /// Makes a vault that is nowhere but in memory.
    static func inMemory(_ name: String, _ fill: Filling) throws(VaultError) -> Vault {
        do throws(DatabaseError) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            try connection.execute(VaultTables.settings)
            let tables = VaultTables(connection: connection)
            try fill(tables)
            try tables.guardSchema()
            return Vault(
                name: name, storage: .memory, in: nil,
                connection: OpenVault(inMemory: connection, of: name), log: OperationLog())
        } catch {
            throw VaultError(error, vault: name)
        }
    }

    /// Makes a vault's files in a directory that is empty and that nobody else uses, durably.
    static func create(
        _ name: String, in directory: Directory, at path: String, _ fill: Filling
    ) throws(VaultError) {
        do throws(SystemError) {
            _ = try FileLock(lockName, in: directory)
            _ = try FileLock(retiringLockName, in: directory)
            // Made here for its permissions: SQLite would go by the process's mask. Nobody can have it
            // open yet, which matters, for closing a descriptor drops SQLite's locks on the file.
            _ = try directory.createExclusively(databaseName)
        } catch {
            throw VaultError(error, while: "making the vault '\(name)'")
        }
        // SQLite takes no notice if its own sync of the directory fails: nothing may be left to that.
        try sync(directory, making: name)
        let connection: Connection
        do throws(DatabaseError) {
            connection = try Connection(
                path: "\(path)/\(databaseName)", mode: .readWrite, followLinks: false)
            try connection.execute("PRAGMA journal_mode = WAL")
            try connection.execute(VaultTables.settings)
        } catch {
            throw VaultError(error, vault: name)
        }
        defer { connection.close() }
        // The log's name too, see `nameLog`.
        try sync(directory, making: name)
        do throws(DatabaseError) {
            try connection.immediateTransaction { () throws(DatabaseError) in
                try fill(VaultTables(connection: connection))
            }
            try connection.checkpoint(.truncate)
            connection.close()
        } catch {
            throw VaultError(error, vault: name)
        }
        try sync(directory, making: name)
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
        let lock: FileLock?
        do throws(SystemError) {
            isThere = try FileSystem.exists(databasePath)
            let isWritable = try directory.isWritable(fileNames)
            lock = isWritable ? try FileLock(lockName, in: directory) : nil
        } catch {
            throw VaultError(error, while: "opening the vault '\(name)'")
        }
        guard isThere else { throw .notDatabase(databasePath, of: name) }
        guard let lock else {
            return Vault(
                name: name, storage: .unwritable(databasePath: databasePath), in: directory,
                connection: try connect(databasePath, name, directory, isWritable: false),
                log: OperationLog(in: directory))
        }
        // For a change that takes access away: SQLite's files, when nobody has the vault open, and a
        // few pages of log.
        let reserve = SpaceReserve(in: directory, fileCount: 2, fileByteCount: 128 << 10)
        let connection = try connect(databasePath, name, directory, lock, reserve)
        // A vault that has none yet gets it, be it opened for reading.
        lock.holdIfFree { reserve.take() }
        return Vault(
            name: name,
            storage: .files(databasePath: databasePath, lock: lock, reserve: reserve),
            in: directory, connection: connection, log: OperationLog(in: directory))
    }

    /// Connects, and makes room for SQLite's files if there is none.
    private static func connect(
        _ databasePath: String, _ name: String, _ directory: Directory, _ lock: FileLock,
        _ reserve: SpaceReserve
    ) throws(VaultError) -> OpenVault {
        do throws(VaultError) {
            return try connect(databasePath, name, directory, isWritable: true)
        } catch {
            // Of a file that finds no inode SQLite says only that it can't be opened.
            guard error.code == .noSpace || error.code == .io else { throw error }
            let first = error
            // So that nobody takes it again meanwhile.
            return try lock.hold(for: "the vault '\(name)'", deadline: .none) {
                () throws(VaultError) in
                guard reserve.giveUp() else { throw first }
                return try connect(databasePath, name, directory, isWritable: true)
            }
        }
    }

    private static func connect(
        _ databasePath: String, _ name: String, _ directory: Directory, isWritable: Bool
    ) throws(VaultError) -> OpenVault {
        let connection: Connection
        let format: Int
        let row: VaultRow?
        do throws(DatabaseError) {
            if isWritable {
                connection = try Connection(
                    path: databasePath, mode: .readWrite, followLinks: false)
            } else {
                connection = try .openUnwritable(path: databasePath)
            }
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
                .newerVersion, "the vault '\(name)' was made by a newer version of Sluice",
                about: .vault(name), remedies: [.updateSluice])
        }
        guard format <= 0 || format == VaultTables.currentFormat else {
            throw VaultError(
                .olderVersion,
                "the vault '\(name)' was made by an older version of Sluice, whose vaults are not carried over "
                    + "before release 1.0", about: .vault(name),
                remedies: [.other("use that version, or make a vault in another place")])
        }
        guard let row, row.name == name else {
            throw .notDatabase(databasePath, of: name)
        }
        return try OpenVault(connection, of: name, in: directory)
    }

    /// Closes the database; the next use opens it again.
    func close() {
        log.flush()
        for connection in readers + [main] { connection.close() }
    }

    // MARK: Using

    /// Runs reads that all see the same state.
    func read<Result: Sendable>(
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        let work: (Connection) throws(DatabaseError) -> Result = {
            connection throws(DatabaseError) in
            try connection.readTransaction { () throws(DatabaseError) in
                try body(VaultTables(connection: connection))
            }
        }
        guard !readers.isEmpty else { return try main.use(work) }
        for connection in [main] + readers {
            if let result = try connection.useIfPossible(work) { return result }
        }
        let next = nextReader.wrappingAdd(1, ordering: .relaxed).oldValue
        let reader = readers[Int(UInt(bitPattern: next) % UInt(readers.count))]
        if let result = try reader.useIfPossible(isWaiting: true, work) { return result }
        // No more can be opened: for want of descriptors, say.
        return try main.use(work)
    }

    /// Which state of the database a transaction that begins now sees; nil if that can't be told.
    func version() throws(VaultError) -> VaultVersion? {
        // A reader never changes anything: so it is told of every change.
        guard let reader = readers.first else {
            return VaultVersion(
                connection: 0, number: changeCount.load(ordering: .sequentiallyConsistent))
        }
        return try reader.version()
    }

    /// Runs a change, alone among all processes, and makes it durable.
    ///
    /// - Parameters:
    ///   - isUrgent: Whether it may use the vault's reserve of space when the disk is full.
    ///   - body: The change. Runs once more if the disk was full.
    /// - Throws: `busy`, `deadlineExceeded`, `io`, `noSpace`, `readOnly`, `damaged`; `outcomeUnknown` if the
    ///   COMMIT failed.
    func write<Result: Sendable>(
        isUrgent: Bool = false, deadline: Deadline = .none,
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        switch storage {
        case .memory:
            try main.use(isChange: true) { connection throws(DatabaseError) in
                // Before anybody can see it.
                changeCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                return try connection.immediateTransaction { () throws(DatabaseError) in
                    try body(VaultTables(connection: connection))
                }
            }
        case .unwritable(let path): throw .unwritable(path, of: name)
        case .files(_, let lock, let reserve):
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
        for connection in readers + [main] { try connection.checkPlace() }
    }

    /// Whether a vault that was replaced had been purged before, as what is open here says: then it was
    /// removed rightly, and another may have its name.
    var wasPurged: Bool {
        for connection in readers + [main] {
            if let isPurged = connection.saysPurged { return isPurged }
        }
        return true
    }

    // MARK: Private

    private func retiringLock() throws(VaultError) -> FileLock? {
        guard case .files = storage, let directory else { return nil }
        do { return try FileLock(Self.retiringLockName, in: directory) } catch {
            throw VaultError(error, while: "locking what is retired in the vault '\(name)'")
        }
    }

    private func transact<Result: Sendable>(
        _ body: (VaultTables) throws(DatabaseError) -> Result
    ) throws(VaultError) -> Result {
        try main.use(isChange: true) { connection throws(DatabaseError) in
            let result = try connection.immediateTransaction { () throws(DatabaseError) in
                try body(VaultTables(connection: connection))
            }
            // What fails here is tried again after the next change: the log has it all, durably.
            _ = try? connection.checkpoint(.passive)
            return result
        }
    }
}

extension VaultError {
    fileprivate static func unwritable(_ path: String, of vault: String) -> VaultError {
        VaultError(
            .readOnly,
            "the vault '\(vault)' can't be changed: this process can't write to \(path), or beside it",
            about: .vault(vault), remedies: [.machine(.runAsFileOwner)])
    }
}
