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
struct GatheredLog {
    /// What SQLite calls for this file: as `original`, but for the methods below.
    private(set) var methods: sqlite3_io_methods
    private let original: UnsafePointer<sqlite3_io_methods>
    private var writes: GatheredWrites
    /// Whether the page that is written next is the last of a transaction.
    private var endsTransaction = false
    /// Whether bytes were lost where SQLite doesn't expect it, and so takes them for written. It never is,
    /// unless SQLite writes a log at other times than we know of.
    private var isBroken = false

    private static let frameHeaderByteCount = 24
    /// `SQLITE_IOERR_WRITE`, a macro that Swift can't read.
    private static let writeFailure = SQLITE_IOERR | 3 << 8

    private typealias OpenFile = GatheringFileSystem.OpenFile

    init(_ original: UnsafePointer<sqlite3_io_methods>) {
        unsafe self.original = unsafe original
        writes = unsafe GatheredWrites(original)
        methods = unsafe original.pointee
        unsafe methods.xWrite = { file, bytes, byteCount, offset in
            guard let file = unsafe file, let bytes = unsafe bytes else { return SQLITE_MISUSE }
            let part = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(byteCount))
            return unsafe GatheredLog.of(file).pointee.write(part, at: offset, file)
        }
        unsafe methods.xSync = { file, flags in
            unsafe GatheredLog.passOn(file, inCommit: true) { unsafe $0.xSync($1, flags) }
        }
        unsafe methods.xRead = { file, bytes, byteCount, offset in
            unsafe GatheredLog.passOn(file) { unsafe $0.xRead($1, bytes, byteCount, offset) }
        }
        unsafe methods.xTruncate = { file, byteCount in
            unsafe GatheredLog.passOn(file) { unsafe $0.xTruncate($1, byteCount) }
        }
        unsafe methods.xFileSize = { file, byteCount in
            unsafe GatheredLog.passOn(file) { unsafe $0.xFileSize($1, byteCount) }
        }
        unsafe methods.xClose = { file in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let log = unsafe GatheredLog.of(file)
            // What is still gathered belongs to no transaction that was committed.
            unsafe log.pointee.writes.discard()
            return unsafe log.pointee.original.pointee.xClose(file)
        }
    }

    private static func of(_ file: OpenFile) -> UnsafeMutablePointer<GatheredLog> {
        unsafe GatheringFileSystem.state(of: file)
    }

    /// Writes what is gathered, and has the usual file system do the rest.
    private static func passOn(
        _ file: OpenFile?, inCommit: Bool = false,
        _ call: (_ original: sqlite3_io_methods, _ file: OpenFile) -> Int32
    ) -> Int32 {
        guard let file = unsafe file else { return SQLITE_MISUSE }
        let log = unsafe of(file)
        let code = unsafe log.pointee.flush(file)
        guard code == SQLITE_OK else {
            if !inCommit { unsafe log.pointee.isBroken = true }
            return code
        }
        return unsafe call(log.pointee.original.pointee, file)
    }

    private mutating func write(
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
}
