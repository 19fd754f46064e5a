internal import CSQLite

/// A connection to an SQLite database.
///
/// Opening reads the schema, so that a file that is no database, or whose first pages are damaged, is
/// refused by `init` and not by some later statement. Every connection is hardened: see
/// `Connection+Hardening.swift`.
///
/// A connection, its statements and the release of the last reference to each of them belong to one
/// thread at a time, which the owner sees to (SQLite's own locking is off). Only ``interrupt()`` may
/// be called from another thread.
@safe
public final class Connection: @unchecked Sendable {
    /// How a database file is opened.
    public enum Mode: Sendable {
        /// Read and write; a missing file is created.
        case readWriteCreate
        /// Read and write; a missing file is an error, and so is one that can only be read.
        case readWrite
        /// Read only.
        case readOnly
    }

    /// The version of the SQLite library in use, as in `3.40.1`.
    public static var version: String { unsafe String(cString: sqlite3_libversion()) }

    /// Whether the library was built so that different threads may use different connections.
    public static var threadsafe: Bool { sqlite3_threadsafe() != 0 }

    /// The C handle, or nil once closed.
    private(set) var openHandle: OpaquePointer?

    /// Frames (pages) in the write-ahead log after this connection's last commit; 0 unless watched.
    public internal(set) var logFrameCount = 0

    /// How many spans over rows of this connection's statements are lent to callers now.
    var lentSpanCount = 0

    /// What the schema must be, once the connection was told.
    var expectedSchema: DatabaseSchema?
    /// Whether a call of ours is compiling a statement, and whether SQLite may do so by itself.
    var isCompiling = false
    var mayCompileAgain = false

    /// What was there when a database was opened as a file that doesn't change; nil of any other.
    var stillness: Stillness?

    /// Whether SQLite has read another schema since it was compared.
    var isSchemaDoubtful = false

    /// Every statement of ours that isn't finalised. SQLite's own list has others, too: those of a virtual
    /// table that somebody has planted, which that finalises itself.
    private var openStatements = unsafe Set<OpaquePointer>()

    /// The statements that begin and end transactions, prepared when first used.
    var transactionStatements = unsafe [4 of OpaquePointer?](repeating: nil)

    /// Opens the database at `path`.
    ///
    /// A path that starts with `file:` is a URI (`file:/name?vfs=memdb` is a database in memory that
    /// connections of this process share); `:memory:` is a private database in memory.
    ///
    /// - Parameters:
    ///   - gathersWrites: Whether a transaction's part of the write-ahead log, and the pages that a
    ///     checkpoint copies, are written in few calls, and not page by page. A transaction's changes stay in
    ///     memory until it commits, however many they are; nobody may write during a checkpoint.
    ///   - followLinks: Whether symbolic links on the way to the file are followed; else one is
    ///     ``DatabaseError/isCannotOpen``. (SQLite before 3.39 looks at the last component only.)
    ///   - busyTimeoutMilliseconds: How long to wait for another connection's lock before failing with
    ///     ``DatabaseError/isBusy``.
    /// - Throws: `isCannotOpen`, `isNotADatabase`, `isCorrupt`, `isReadOnly` (asked to write what can
    ///   only be read), `isBusy`.
    public init(
        path: String, mode: Mode, gathersWrites: Bool = false, followLinks: Bool = true,
        busyTimeoutMilliseconds: Int = 5000
    ) throws(DatabaseError) {
        guard Self.threadsafe else {
            throw DatabaseError(
                code: SQLITE_MISUSE, message: "SQLite was built for a single thread",
                operation: .open)
        }
        // An empty path would be a temporary database; a NUL would silently end the path.
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw DatabaseError(code: SQLITE_CANTOPEN, operation: .open)
        }
        let access =
            switch mode {
            case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        let links = followLinks ? 0 : SQLITE_OPEN_NOFOLLOW
        let flags = access | links | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE
        _ = Self.allocatesWithoutAccount
        // By way of a variable: passing the property's address to C would make every later access of
        // it, in each bind and step, one that is checked for exclusivity at run time.
        var opened: OpaquePointer?
        let fileSystem = gathersWrites ? GatheringFileSystem.name : GatheringFileSystem.plainName
        let code = unsafe sqlite3_open_v2(path, &opened, flags, fileSystem)
        unsafe openHandle = unsafe opened
        // After a failure there is still a handle, which holds the message and which deinit closes;
        // there is none when memory ran out.
        guard unsafe openHandle != nil else { throw DatabaseError(code: code, operation: .open) }
        guard code == SQLITE_OK else { throw failure(.open, code: code) }
        unsafe sqlite3_busy_timeout(handle, Int32(clamping: busyTimeoutMilliseconds))
        try harden()
        guardCompiling()
        if gathersWrites, fileSystem != nil { try execute("PRAGMA cache_spill = OFF") }
        try readSchema()
        // SQLite opens a write-protected file for reading without a word.
        if mode != .readOnly, !isWritable {
            throw DatabaseError(code: SQLITE_READONLY, operation: .open)
        }
    }

    deinit { close() }

    /// Closes the connection, and every statement made from it.
    ///
    /// An open transaction is rolled back. Using the connection or its statements afterwards traps;
    /// closing again does nothing.
    public func close() {
        precondition(lentSpanCount == 0, "closed while the bytes of a row were in use")
        guard let closing = unsafe openHandle else { return }
        unsafe openHandle = nil
        unsafe transactionStatements = unsafe .init(repeating: nil)
        while let statement = unsafe openStatements.popFirst() {
            unsafe sqlite3_finalize(statement)
        }
        // With no statement left, and backups ended by the function that began them, this can't fail.
        let code = unsafe sqlite3_close(closing)
        precondition(code == SQLITE_OK, "a connection could not be closed")
    }

    /// Runs every statement in `sql`, and drops the rows that they return.
    ///
    /// Stops at the first that fails. Values never belong in `sql`: bind them. For settings, and to make
    /// tables: not after ``expect(_:)``.
    public func execute(_ sql: String) throws(DatabaseError) {
        precondition(expectedSchema == nil, "statements are prepared once the schema is known")
        try executeUnguarded(sql)
    }

    func executeUnguarded(_ sql: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(.execute, code: code) }
    }

    /// Compiles the one statement in `sql`, to be run many times.
    public func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        try Statement(sql, on: self)
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    public var changedRowCount: Int { Int(unsafe sqlite3_changes64(handle)) }

    /// Throws `isCorrupt` unless the last INSERT, UPDATE or DELETE has changed exactly one row.
    public func requireOneChangedRow() throws(DatabaseError) {
        guard changedRowCount == 1 else {
            throw DatabaseError(
                code: SQLITE_CORRUPT,
                message: "a row that was to be written is not where it was found", operation: .step)
        }
    }

    /// The integer key of the row that was last inserted.
    public var lastInsertedRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// Whether it may write.
    public var isWritable: Bool { unsafe sqlite3_db_readonly(handle, "main") == 0 }

    /// Whether a transaction is open.
    ///
    /// A statement that fails can end one: SQLite rolls back by itself when, for instance, the disk
    /// is full.
    public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Makes the statement that is running, if any, fail with ``DatabaseError/isInterrupted``.
    ///
    /// May be called from any thread, as long as no other closes the connection meanwhile.
    public func interrupt() {
        unsafe sqlite3_interrupt(handle)
    }

    // MARK: For the rest of this folder

    /// Whether ``close()`` has not been called.
    var isOpen: Bool { unsafe openHandle != nil }

    /// The C handle of a connection that must be open.
    var handle: OpaquePointer {
        guard let handle = unsafe openHandle else {
            preconditionFailure("the connection is closed")
        }
        return unsafe handle
    }

    /// The error for a code that SQLite returned just now.
    @inline(never)
    func failure(_ operation: DatabaseError.Operation, code: Int32) -> DatabaseError {
        if code & 0xff == SQLITE_CORRUPT, let unread = failedRead(operation) { return unread }
        // The message belongs to the last call that failed; some failures don't set one.
        guard unsafe sqlite3_extended_errcode(handle) == code else {
            return DatabaseError(code: code, operation: operation)
        }
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        return DatabaseError(
            code: code, message: message, operation: operation,
            systemErrorNumber: unsafe sqlite3_system_errno(handle))
    }

    /// Finalises a statement, unless closing the connection has.
    func finalize(_ statement: OpaquePointer) {
        guard unsafe openStatements.remove(statement) != nil else { return }
        unsafe sqlite3_finalize(statement)
    }

    /// Compiles one statement; `sql` must hold no other.
    func compile(_ sql: String) throws(DatabaseError) -> OpaquePointer {
        try compareIfDoubtful()
        var compiled: OpaquePointer?
        var isWhole = false
        var sql = sql
        isCompiling = true
        defer { isCompiling = false }
        let code = sql.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                var rest: UnsafePointer<CChar>?
                let code = unsafe sqlite3_prepare_v3(
                    handle, text.baseAddress, Int32(clamping: text.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, &rest)
                if let start = text.baseAddress, let rest = unsafe rest {
                    let space: Set<CChar> = [0x09, 0x0a, 0x0d, 0x20]
                    isWhole = unsafe text[(rest - start)...].allSatisfy(space.contains)
                }
                return code
            }
        }
        guard code == SQLITE_OK else {
            isCompiling = false
            throw try failureOfStatement(.prepare, code: code)
        }
        guard let compiled = unsafe compiled, isWhole else {
            unsafe sqlite3_finalize(compiled)
            throw DatabaseError(
                code: SQLITE_MISUSE, message: "not exactly one statement", operation: .prepare)
        }
        unsafe openStatements.insert(compiled)
        return unsafe compiled
    }
}
