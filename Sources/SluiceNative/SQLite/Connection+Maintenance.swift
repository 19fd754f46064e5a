internal import CSQLite

extension Connection {
    /// How far a checkpoint goes.
    public enum CheckpointMode: Sendable {
        /// Moves what it can without waiting for anybody.
        case passive
        /// Waits for writers and readers, moves everything, and leaves an empty log.
        case truncate
    }

    /// What a checkpoint found and did, in frames (pages) of the write-ahead log.
    public struct Checkpoint: Equatable, Sendable {
        /// The frames in the log.
        public let frameCount: Int
        /// How many of them are in the database file now.
        public let checkpointedFrameCount: Int
    }

    /// Moves the write-ahead log into the database file.
    ///
    /// Both counts are 0 for a database without a log. To be called only under the lock that every
    /// writer of this database holds: SQLite before 3.51.3 has a rare race between a checkpoint that
    /// resets the log and a writer, and a connection that gathers its writes would take one that a
    /// writer cuts short for whole.
    ///
    /// - Throws: `isBusy` if another connection is in the way for longer than the busy timeout.
    @discardableResult
    public func checkpoint(_ mode: CheckpointMode) throws(DatabaseError) -> Checkpoint {
        let mode =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frameCount: Int32 = 0
        var checkpointedFrameCount: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(
            handle, "main", mode, &frameCount, &checkpointedFrameCount)
        guard code == SQLITE_OK else { throw failure(.checkpoint, code: code) }
        // SQLite says -1 when there is no log.
        return Checkpoint(
            frameCount: max(0, Int(frameCount)),
            checkpointedFrameCount: max(0, Int(checkpointedFrameCount)))
    }

    /// Writes a page as it is, so that the open transaction reaches the log: one that changes nothing writes
    /// nothing there, and leaves what lies behind the log's end to return after a crash.
    public func writeSomething() throws(DatabaseError) {
        let version = try prepare("PRAGMA user_version")
        let number = try version.step() ? version.int(0) : 0
        version.reset()
        _ = try prepare("PRAGMA user_version = \(number)").step()
    }

    /// Reads the whole database and returns what is wrong with it: nothing, if it is sound.
    ///
    /// Takes time in proportion to the database's size. Finds at most 100 faults. Damage that stops
    /// the check is itself a fault; anything else that stops it (`isBusy`, `isInputOutput`,
    /// `isInterrupted`) is thrown.
    public func integrityCheck() throws(DatabaseError) -> [String] {
        var faults: [String] = []
        do {
            let check = try prepare("PRAGMA integrity_check(100)")
            while try check.step() { faults.append(check.text(0)) }
        } catch  where error.isCorrupt || error.isNotADatabase {
            faults.append(error.message)
        }
        if faults == ["ok"] { return [] }
        if let unread = failedRead(.step) { throw unread }
        return faults
    }
}
