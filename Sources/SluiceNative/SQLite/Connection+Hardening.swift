internal import CSQLite
internal import Glibc

/// Whoever can write the database file can put anything into it, so a connection trusts it with
/// nothing that our own statements don't need.
extension Connection {
    func harden() throws(DatabaseError) {
        // No statement may damage the file: no writable schema, no journal switched off.
        try configure(SQLITE_DBCONFIG_DEFENSIVE, to: 1)
        // Functions with side effects are not to be called by what a schema holds.
        try configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, to: 0)
        try configure(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, to: 0)
        // We make neither, so whatever there is was planted.
        try configure(SQLITE_DBCONFIG_ENABLE_TRIGGER, to: 0)
        try configure(SQLITE_DBCONFIG_ENABLE_VIEW, to: 0)
        // A misspelt column name in double quotes is an error, not a string.
        try configure(SQLITE_DBCONFIG_DQS_DML, to: 0)
        try configure(SQLITE_DBCONFIG_DQS_DDL, to: 0)
        // Damaged pages are found when they are read, not when they are used.
        let code = unsafe sqlite3_exec(handle, "PRAGMA cell_size_check = ON", nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(.open, code: code) }
    }

    /// Closes the connection to a file that has lost its name to another: moves nothing out of the log, and
    /// removes none, for by its name that is the other file's.
    public func abandon() {
        // What fails here was refused by `harden` already.
        try? configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, to: 1)
        close()
    }

    /// Whether the database's name leads to another file by now, or to none.
    public var hasMoved: Bool {
        var hasMoved: Int32 = 0
        let code = unsafe sqlite3_file_control(
            handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return code != SQLITE_OK || hasMoved != 0
    }

    /// Takes a value of more than so many bytes, or a row of them, for damage before it is read: what
    /// nothing has authenticated yet doesn't take memory as it likes. Returns the limit there was.
    @discardableResult
    public func limitValues(byteCount: Int) -> Int {
        Int(unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: byteCount)))
    }

    /// Reads the header and the schema, which opening a file alone does not.
    func readSchema() throws(DatabaseError) {
        let code = unsafe sqlite3_exec(
            handle, "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(.open, code: code) }
    }

    /// Switches an option of the connection, and makes sure that it has taken effect.
    private func configure(_ option: Int32, to value: Int32) throws(DatabaseError) {
        guard let configureOption = unsafe Self.configureOption else {
            throw DatabaseError(
                code: SQLITE_MISUSE, message: "SQLite has no sqlite3_db_config", operation: .open)
        }
        var state: Int32 = -1
        let code = unsafe configureOption(handle, option, value, &state)
        guard code == SQLITE_OK, state == value else {
            throw DatabaseError(
                code: code == SQLITE_OK ? SQLITE_MISUSE : code,
                message: "SQLite does not know option \(option)", operation: .open)
        }
    }

    /// `sqlite3_db_config` with the arguments of an on/off option.
    ///
    /// Swift can't call a variadic C function. On x86-64 and AArch64 Linux, integers and pointers are
    /// passed to one as they are to any other function, so it is looked up by name and called as such.
    private static let configureOption: ConfigureOption? = {
        guard let symbol = unsafe dlsym(nil, "sqlite3_db_config") else { return nil }
        return unsafe unsafeBitCast(symbol, to: ConfigureOption.self)
    }()

    private typealias ConfigureOption =
        @convention(c) (
            OpaquePointer?, Int32, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32
}
