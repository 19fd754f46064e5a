internal import CSQLite
internal import Glibc

/// SQLite keeps account of what a process allocates, under one lock that every allocation of every
/// connection takes. Threads that read side by side then wait for each other in the middle of a look-up.
extension Connection {
    /// Switches that account off for the process, when it is first asked for; gives false, having changed
    /// nothing, where the program has used SQLite before.
    ///
    /// What it takes away from the rest of the program: `sqlite3_memory_used` and its like say 0, and a
    /// soft heap limit limits nothing.
    static let allocatesWithoutAccount: Bool = {
        // As for `sqlite3_db_config`: a variadic function, called as one of these arguments.
        guard let symbol = unsafe dlsym(nil, "sqlite3_config") else { return false }
        typealias Configure = @convention(c) (Int32, Int32) -> Int32
        let configure = unsafe unsafeBitCast(symbol, to: Configure.self)
        return configure(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK
    }()
}
