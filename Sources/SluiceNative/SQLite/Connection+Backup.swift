internal import CSQLite

extension Connection {
    /// Copies the whole database, as it is now, over that of `other`, while others read and write it.
    ///
    /// The copy is of one instant: a read transaction is held throughout, so that later changes
    /// neither enter it nor make it start over. In WAL mode nobody waits for it, though the log can't
    /// be reset meanwhile. When this returns, the copy is durable as `other` understands it; after an
    /// error, `other` is unchanged.
    ///
    /// `other` should be a fresh database; one that has a different page size and is in WAL mode
    /// fails with `isReadOnly`.
    ///
    /// - Parameters:
    ///   - other: The connection to the copy, used by nobody else meanwhile.
    ///   - pagesPerStep: How many pages are copied between calls of `shouldContinue`.
    ///   - shouldContinue: Told how many pages remain, of how many; false ends the backup.
    /// - Throws: `isInterrupted` if told to stop; `isBusy`, `isFull`, `isInputOutput`; an error if
    ///   this connection is in a transaction.
    public func backup(
        to other: Connection, pagesPerStep: Int = 1024,
        shouldContinue: (_ remainingPageCount: Int, _ pageCount: Int) -> Bool = { _, _ in true }
    ) throws(DatabaseError) {
        precondition(pagesPerStep > 0, "a backup needs steps of at least one page")
        try readTransaction { () throws(DatabaseError) in
            // A transaction gets its view of the database with its first read.
            try prepare("SELECT count(*) FROM sqlite_schema").run()
            try copyPages(
                to: other, pagesPerStep: Int32(clamping: pagesPerStep),
                shouldContinue: shouldContinue)
        }
    }

    private func copyPages(
        to other: Connection, pagesPerStep: Int32, shouldContinue: (Int, Int) -> Bool
    ) throws(DatabaseError) {
        guard let backup = unsafe sqlite3_backup_init(other.handle, "main", handle, "main") else {
            throw other.failure(.backup, code: unsafe sqlite3_extended_errcode(other.handle))
        }
        var code: Int32
        repeat {
            code = unsafe sqlite3_backup_step(backup, pagesPerStep)
            if code == SQLITE_OK {
                let remainingPageCount = Int(unsafe sqlite3_backup_remaining(backup))
                let pageCount = Int(unsafe sqlite3_backup_pagecount(backup))
                if !shouldContinue(remainingPageCount, pageCount) { code = SQLITE_INTERRUPT }
            }
        } while code == SQLITE_OK
        // Rolls the copy back unless it is complete; what `step` returned says more than its code.
        unsafe sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else { throw DatabaseError(code: code, operation: .backup) }
    }
}
