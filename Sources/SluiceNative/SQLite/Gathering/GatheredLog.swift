internal import CSQLite

/// A write-ahead log that is written a transaction at a time.
///
/// SQLite writes each page of a log in two writes, a header of 24 bytes and the page, and a transaction
/// has one or more pages for each row. Here they are gathered, and reach the file in one write: with the last
/// frame of the transaction, which is before SQLite tells anybody of it, and before each sync. So what
/// other connections see of the file, and what a crash may leave of it, is what it was.
///
/// A write that fails so is reported by a later call than SQLite made it in. That must be a call of the same
/// COMMIT, which SQLite then undoes as a whole; hence ``Connection`` has it write nothing before
/// (`cache_spill`).
@safe
struct GatheredLog: GatheringFile {
    /// What SQLite calls for this file.
    private(set) var methods: sqlite3_io_methods
    var writes: GatheredWrites
    /// Whether the page that is written next is the last of a transaction.
    private var endsTransaction = false
    /// Whether bytes were lost where SQLite doesn't expect it, and so takes them for written. It never is,
    /// unless SQLite writes a log at other times than we know of.
    private var isBroken = false

    private static let frameHeaderByteCount = 24
    /// `SQLITE_IOERR_WRITE`, a macro that Swift can't read.
    private static let writeFailure = SQLITE_IOERR | 3 << 8

    init(_ original: UnsafePointer<sqlite3_io_methods>) {
        writes = unsafe GatheredWrites(original)
        methods = unsafe original.pointee
        unsafe methods.xWrite = { unsafe GatheredLog.write($0, $1, $2, $3) }
        unsafe methods.xClose = { unsafe GatheredLog.close($0) }
        unsafe methods.xSync = { file, flags in
            unsafe GatheredLog.passOn(file, after: { unsafe $0.flush($1) }) {
                unsafe $0.xSync($1, flags)
            }
        }
        unsafe methods.xRead = { file, bytes, byteCount, offset in
            unsafe GatheredLog.passOn(file, after: { unsafe $0.flushUnexpectedly($1) }) {
                unsafe $0.xRead($1, bytes, byteCount, offset)
            }
        }
        unsafe methods.xTruncate = { file, byteCount in
            unsafe GatheredLog.passOn(file, after: { unsafe $0.flushUnexpectedly($1) }) {
                unsafe $0.xTruncate($1, byteCount)
            }
        }
        unsafe methods.xFileSize = { file, byteCount in
            unsafe GatheredLog.passOn(file, after: { unsafe $0.flushUnexpectedly($1) }) {
                unsafe $0.xFileSize($1, byteCount)
            }
        }
    }

    mutating func write(
        _ part: UnsafeRawBufferPointer, at place: sqlite3_int64, _ file: OpenFile
    ) -> Int32 {
        guard !isBroken else { return Self.writeFailure }
        let code = unsafe writes.add(part, at: place, file)
        guard code == SQLITE_OK else { return code }
        if part.count == Self.frameHeaderByteCount {
            // The size of the database after a commit, which is 0 in every other frame.
            endsTransaction = unsafe part[4..<8].contains { $0 != 0 }
        } else if endsTransaction {
            endsTransaction = false
            return unsafe flush(file)
        }
        return SQLITE_OK
    }

    /// Writes what is gathered. If that fails, the COMMIT that this is called in must fail.
    private mutating func flush(_ file: OpenFile) -> Int32 {
        isBroken ? Self.writeFailure : unsafe writes.flush(file)
    }

    /// The same outside of a COMMIT, where a failure can't be told of.
    private mutating func flushUnexpectedly(_ file: OpenFile) -> Int32 {
        let code = unsafe flush(file)
        if code != SQLITE_OK { isBroken = true }
        return code
    }
}
