internal import CSQLite

/// SQLite calls a page damaged that the system could not read. What is to be done then is another thing:
/// so it is asked what the system said.
extension Connection {
    /// The failure of a read of the database or its log, if one has failed since it was opened.
    func failedRead(_ operation: DatabaseError.Operation) -> DatabaseError? {
        var number: Int32 = 0
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &number)
        if number == 0 { number = lastErrorOfLog }
        guard number != 0 else { return nil }
        let reason = SystemError(call: "pread", path: nil, number: number).reason
        return DatabaseError(
            code: SQLITE_IOERR | (1 << 8), message: "a page could not be read: \(reason)",
            operation: operation)
    }

    private var lastErrorOfLog: Int32 {
        var number: Int32 = 0
        var log: UnsafeMutablePointer<sqlite3_file>?
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        // Without methods it isn't open.
        guard let log = unsafe log, let methods = unsafe log.pointee.pMethods,
            let control = unsafe methods.pointee.xFileControl
        else { return 0 }
        _ = unsafe control(log, SQLITE_FCNTL_LAST_ERRNO, &number)
        return number
    }
}
