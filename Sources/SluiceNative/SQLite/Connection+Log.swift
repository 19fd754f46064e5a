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
}
