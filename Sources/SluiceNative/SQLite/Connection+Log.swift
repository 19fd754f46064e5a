internal import CSQLite

extension Connection {
    /// Whether SQLite takes a database file of so many bytes for one without pages, and removes its log when
    /// it opens it. One of a single byte it does, too.
    public static func isWithoutPages(_ byteCount: Int) -> Bool { byteCount <= 1 }

    /// Keeps ``logFrameCount`` up to date from now on, and leaves checkpoints to the caller: SQLite
    /// has one place for both, so its automatic checkpoints are off from here.
    public func watchLog() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = sqlite3_wal_hook(
            handle,
            { context, _, _, frameCount in
                guard let context = unsafe context else { return SQLITE_OK }
                let connection = unsafe Unmanaged<Connection>.fromOpaque(context)
                    .takeUnretainedValue()
                connection.logFrameCount = Int(frameCount)
                return SQLITE_OK
            }, context)
    }

    /// Writes all of the write-ahead log again, as it is, and syncs it: what a sync failed to make durable, and
    /// the kernel counts as written since, is on the disk then. Nobody may write to the log meanwhile. Does
    /// nothing where there is no log.
    public func writeLogAgain() throws(SystemError) {
        guard let path = unsafe sqlite3_db_filename(handle, "main"),
            let log = unsafe sqlite3_filename_wal(path)
        else { return }
        try LogRecovery.writeAgain(unsafe String(cString: log))
    }
}
