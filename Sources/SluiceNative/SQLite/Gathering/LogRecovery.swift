internal import CSQLite

/// What SQLite finds in a write-ahead log when nobody has the database open, it believes: also what was
/// written and never synced, for its writer was killed before that, or what a sync failed to make durable,
/// which only the kernel's memory still has. Whoever acts on it (unlinks a file that nothing references any
/// more, answers that a later transaction is durable) would act on what a crash of the machine can undo.
///
/// So before SQLite reads such a log, all of it is written again and synced. What is written again is written
/// to the disk, be it that the kernel took it for written; nobody else sees any difference.
enum LogRecovery {
    /// The lock that SQLite has while it reads a log to find what is in it (`WAL_RECOVER_LOCK` in its file
    /// format), and with which nobody writes to it.
    private static let recoveryLock: Int32 = 2
    /// `SQLITE_IOERR_FSYNC`, a macro that Swift can't read.
    private static let syncFailure = SQLITE_IOERR | 4 << 8

    /// `xShmLock` of a database at `path`: has the log durable before the lock to recover it is given.
    static func lock(
        _ file: GatheringFileSystem.OpenFile, at path: UnsafePointer<CChar>?,
        by original: UnsafePointer<sqlite3_io_methods>, _ first: Int32, _ count: Int32,
        _ flags: Int32
    ) -> Int32 {
        let code = unsafe original.pointee.xShmLock(file, first, count, flags)
        let isExclusive = flags == SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE
        guard code == SQLITE_OK, isExclusive, (first..<first + count).contains(recoveryLock),
            let path = unsafe path, let log = unsafe sqlite3_filename_wal(path)
        else { return code }
        do throws(SystemError) {
            try writeAgain(unsafe String(cString: log))
            return SQLITE_OK
        } catch {
            let unlock = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE
            unsafe _ = original.pointee.xShmLock(file, first, count, unlock)
            // SQLite asks for it to say why.
            error.becomeLast()
            return syncFailure
        }
    }

    /// Writes all of a log again, and syncs it.
    static func writeAgain(_ path: String) throws(SystemError) {
        let log: File
        do throws(SystemError) {
            log = try File.open(path, .readWrite, followLinks: false)
        } catch {
            // Where nothing can be written nothing is left to be.
            if error.isNotFound || error.isReadOnly { return }
            throw error
        }
        try log.writeAgain()
        try log.sync()
    }
}
