internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The catalog in a database of SQLite's, in a file or in memory.
///
/// All SQL stays behind this type: ``CatalogReader`` and ``CatalogWriter`` have the statements, and their methods are
/// its operations. Reads take a connection each. Writes of many callers share a transaction under the store's
/// write lock (``GroupCommit``). Thread-safe.
final class SQLiteCatalog: CatalogStore {
    let store: StoreRow
    private let readers: ResourcePool<CatalogReader>
    let commits: GroupCommit
    /// What is open, to be looked for before and after each COMMIT.
    let place: CatalogPlace
    private let keyNames = KeyNames()
    /// Whether this process can write to the database.
    private let isWritable: Bool

    private static let readerLimit = 64
    /// A store in memory shares pages among its connections under locks, which wait this long.
    private static let busyTimeoutMilliseconds = 10_000

    /// Opens the catalog at `path`, a file in `directory` or a `file:` URI of a database in memory, and
    /// makes it if it isn't there and `creating` has a row for it.
    ///
    /// When there is no room even to open it, `reserve` makes some. Every COMMIT runs inside `permit`.
    init(
        path: String, in directory: Directory?, isWritable: Bool = true, lock: StoreLock,
        reserve: SpaceReserve?, durability: Durability, creating newStore: StoreRow?,
        permit: any CommitPermit, checkpointFrameCount: Int
    ) throws(StoreError) {
        self.isWritable = isWritable
        let first =
            isWritable
            ? try Self.connectFirst(path, lock, reserve, durability, create: newStore != nil)
            : try Self.connectUnwritable(path)
        if let newStore {
            try Self.createIfEmpty(
                first, in: directory, durability, lock: lock, row: newStore)
        }
        try Self.checkHeader(first)
        try Self.guardTables(of: first)
        store = try Self.readStoreRow(first)
        // A store that has none yet gets it, be it opened for reading; whoever writes does the same.
        if let reserve, (try? lock.tryLockWrites()) == true {
            reserve.take()
            lock.unlockWrites()
        }
        let place = try CatalogPlace(directory)
        try place.add(catalogOf: first)
        self.place = place
        let keyNames = keyNames
        commits = GroupCommit(
            lock: lock, place: place, permit: permit, reserve: reserve,
            checkpointFrameCount: checkpointFrameCount
        ) { () throws(StoreError) in
            let connection = try Self.connectGuarded(path, durability)
            if durability == .full, let directory { try Self.syncNames(in: directory) }
            return CatalogWriter(
                connection: connection,
                unsynced: UnsyncedMark(directory, isDurable: durability == .full),
                keyNames: keyNames)
        }
        readers = ResourcePool(idleLimit: Self.readerLimit) { () throws(StoreError) in
            let connection =
                isWritable
                ? try Self.connectGuarded(path, durability) : try Self.connectUnwritable(path)
            if !isWritable { try Self.guardTables(of: connection) }
            return CatalogReader(connection: connection, keyNames: keyNames)
        }
        readers.add(CatalogReader(connection: first, keyNames: keyNames))
    }

    // MARK: Inside the folder

    /// Lends a connection for reading.
    func read<Value: Sendable>(
        _ body: (inout CatalogReader) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        if isWritable { return try readers.withElement(body) }
        while true {
            let outcome: Result<Value, StoreError>? = try readers.withElement {
                reader throws(StoreError) in
                let outcome = Result { () throws(StoreError) in try body(&reader) }
                return reader.connection.isUndisturbed ? outcome : nil
            }
            if let outcome { return try outcome.get() }
            // Somebody writes to what was read as a file that doesn't change.
            readers.drain()
        }
    }

    /// Runs `body` in a transaction, perhaps with other callers', and returns when it is committed.
    ///
    /// What `freesSpace` may use the store's reserve of space on a full disk.
    @discardableResult
    func write<Value: Sendable>(
        freesSpace: Bool = false,
        _ body: @escaping @Sendable (inout CatalogWriter) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try commits.write(freesSpace: freesSpace, body)
    }

    /// Runs `apply` with the place of each of so many operations, all in one transaction; an answer for each.
    func commit<Outcome: Sendable>(
        count: Int, freesSpace: Bool = false,
        _ apply:
            @escaping @Sendable (inout CatalogWriter, Int) throws(StoreError) ->
            CatalogAnswer<Outcome>
    ) throws(StoreError) -> [CatalogAnswer<Outcome>] {
        let answers = Answers<Outcome>(count: count)
        var works: [CatalogWork] = []
        for index in 0..<count {
            let work: CatalogWork = { writer throws(StoreError) in
                let answer = try apply(&writer, index)
                answers.set(answer, at: index)
            }
            works.append(work)
        }
        let refusals = try commits.commit(CatalogChange(works: works, freesSpace: freesSpace))
        return answers.merged(refusals)
    }

    /// What the works of a change have come to: the leader notes it, and the caller takes it.
    private final class Answers<Outcome: Sendable>: Sendable {
        private let answers: Mutex<[CatalogAnswer<Outcome>?]>

        init(count: Int) {
            answers = Mutex([CatalogAnswer<Outcome>?](repeating: nil, count: count))
        }

        func set(_ answer: CatalogAnswer<Outcome>, at index: Int) {
            answers.withLock { $0[index] = answer }
        }

        func merged(_ refusals: [StoreError?]) -> [CatalogAnswer<Outcome>] {
            zip(answers.withLock { $0 }, refusals).map { answer, refusal in
                if let refusal { return .refused(refusal) }
                guard let answer else { preconditionFailure("committed without an answer") }
                return answer
            }
        }
    }

    // MARK: The whole

    func checkPlace() throws(StoreError) { try place.check() }

    func settle() throws(StoreError) {
        let isUnsynced = try read { reader throws(StoreError) in
            try reader.integer(UnsyncedMark.count) != 0
        }
        guard isUnsynced else { return }
        try write(freesSpace: true) { writer throws(StoreError) in try writer.settle() }
    }

    func setGarbageHandler(_ handler: @escaping @Sendable () -> Void) {
        commits.setGarbageHandler(handler)
    }

    func backup(to path: String) throws(StoreError) {
        try read { reader throws(StoreError) in
            do throws(DatabaseError) {
                let copy = try Connection(path: path, mode: .readWriteCreate, followLinks: false)
                defer { copy.close() }
                try reader.connection.backup(to: copy)
                try CatalogSchema.guardTables(of: copy)
            } catch {
                throw Self.failure(error, "back up the catalog", at: path)
            }
        }
    }

    func close() {
        readers.drain()
        commits.close()
    }

    // MARK: Opening

    /// The connection that whoever opens the store makes first, and SQLite with it the files of the
    /// log: on a full disk they take the space and the inodes of the reserve.
    private static func connectFirst(
        _ path: String, _ lock: StoreLock, _ reserve: SpaceReserve?, _ durability: Durability,
        create: Bool
    ) throws(StoreError) -> Connection {
        do throws(StoreError) {
            // A new database is switched to its log alone: SQLite refuses the second who tries at the
            // same time, without waiting.
            if create { try lock.lockWrites() }
            defer { if create { lock.unlockWrites() } }
            return try connect(path, durability, create: create)
        } catch {
            // Of a file that finds no inode SQLite says only that it can't be opened.
            guard error.code == .noSpace || error.code == .cannotCreate, let reserve else {
                throw error
            }
            // So that nobody takes it again meanwhile.
            try lock.lockWrites()
            defer { lock.unlockWrites() }
            guard reserve.giveUp() else { throw error }
            return try connect(path, durability, create: create)
        }
    }

    private static func connect(
        _ path: String, _ durability: Durability, create: Bool
    ) throws(StoreError) -> Connection {
        do throws(DatabaseError) {
            let connection = try Connection(
                path: path, mode: create ? .readWriteCreate : .readWrite, gathersWrites: true,
                followLinks: false, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            // A checkpoint syncs either way: it copies what others have committed durably, too, over whose
            // frames the log then begins anew.
            let synchronous = durability == .full ? "FULL" : "NORMAL"
            try connection.execute(
                """
                PRAGMA page_size = \(pageByteCount);
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = \(synchronous);
                PRAGMA secure_delete = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -8192;
                """)
            connection.watchLog()
            return connection
        } catch {
            throw failure(error, "open the catalog '\(path)'", at: path)
        }
    }

    /// A connection to a database that this process can't write to.
    private static func connectUnwritable(_ path: String) throws(StoreError) -> Connection {
        do throws(DatabaseError) {
            let connection = try Connection.openUnwritable(
                path: path, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            try connection.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")
            return connection
        } catch {
            throw StoreError(catalog: error, "open the catalog '\(path)'")
        }
    }

    private static func connectGuarded(
        _ path: String, _ durability: Durability
    ) throws(StoreError) -> Connection {
        let connection = try connect(path, durability, create: false)
        try guardTables(of: connection)
        return connection
    }

    private static func guardTables(of connection: Connection) throws(StoreError) {
        do throws(DatabaseError) {
            try CatalogSchema.guardTables(of: connection)
        } catch {
            throw StoreError(catalog: error, "use the catalog")
        }
    }

    /// Makes the name of the log durable, which opening has made. SQLite does so with the first commit, but
    /// takes no notice if it fails: then what was acknowledged could vanish with the log.
    private static func syncNames(in directory: Directory) throws(StoreError) {
        do throws(SystemError) {
            try directory.sync()
        } catch {
            throw StoreError(system: error, "make the catalog's log durable")
        }
    }

    /// What a failure to open a database comes from: SQLite doesn't tell that it found no inode for one
    /// of its files.
    private static func failure(
        _ error: DatabaseError, _ what: String, at path: String
    ) -> StoreError {
        guard error.isCannotOpen, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return StoreError(catalog: error, what)
        }
        do throws(SystemError) {
            _ = try File.createUnnamed(inDirectory: String(path[..<slash]))
        } catch {
            if error.isNoSpace { return StoreError(system: error, what) }
        }
        return StoreError(catalog: error, what)
    }

    /// Bytes of a database page; measured, see the DESIGN article.
    static let pageByteCount = 4096

    private static func createIfEmpty(
        _ connection: Connection, in directory: Directory?, _ durability: Durability,
        lock: StoreLock, row: StoreRow
    ) throws(StoreError) {
        let schema = "SELECT count(*) FROM sqlite_schema"
        guard try integer(schema, connection) == 0 else { return }
        if durability == .full, let directory { try syncNames(in: directory) }
        try lock.lockWrites()
        defer { lock.unlockWrites() }
        do throws(DatabaseError) {
            try connection.immediateTransaction { () throws(DatabaseError) in
                // Another process may have been first.
                let tables = try connection.prepare(schema)
                guard try tables.step(), tables.int(0) == 0 else { return }
                tables.reset()
                try CatalogSchema.make(connection)
                let insert = try connection.prepare(
                    """
                    INSERT INTO store (id, store_id, format, created) VALUES (1, ?1, ?2, ?3)
                    """)
                try insert.bind(1, row.storeID)
                try insert.bind(2, row.formatVersion)
                try insert.bind(3, WallClock.nowMilliseconds)
                try insert.run()
                guard durability == .none, directory != nil else { return }
                try connection.execute(UnsyncedMark.setting)
            }
        } catch {
            throw StoreError(catalog: error, "make the catalog")
        }
    }

    /// Throws unless the file is a catalog of a version that this code knows.
    private static func checkHeader(_ connection: Connection) throws(StoreError) {
        guard try integer("PRAGMA application_id", connection) == Int(Format.applicationID) else {
            throw StoreError(
                .damagedCatalog, "the catalog is not one of Sluice's",
                remedies: [.choose(.store), .restoreBackup])
        }
        let version = try integer("PRAGMA user_version", connection)
        guard version >= 1 else {
            throw StoreError(
                .damagedCatalog, "the catalog has format \(version), which never was",
                remedies: [.restoreBackup])
        }
        guard version <= Int(Format.version) else {
            throw StoreError(
                .newerVersion,
                """
                the store has format \(version), made by a newer Sluice, and this one reads format \
                \(Format.version)
                """, remedies: [.updateSluice])
        }
    }

    private static func readStoreRow(_ connection: Connection) throws(StoreError) -> StoreRow {
        var statement = CatalogStatement(
            "SELECT store_id, format FROM store WHERE id = 1", to: "read the catalog")
        let query = try statement.query(connection)
        defer { query.reset() }
        guard try query.step(), query.statement.bytes(0).count == Format.identifierByteCount
        else {
            throw StoreError(
                .damagedCatalog, "the catalog doesn't say which store it is",
                remedies: [.restoreBackup])
        }
        return StoreRow(
            storeID: query.statement.bytes(0), formatVersion: Int(query.statement.int(1)))
    }

    private static func integer(
        _ sql: String, _ connection: Connection
    ) throws(StoreError) -> Int {
        var statement = CatalogStatement(sql, to: "read the catalog")
        let query = try statement.query(connection)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : 0
    }
}
