internal import CSQLite
internal import Glibc

/// What SQLite has written to a write-ahead log and the kernel has not seen yet.
///
/// SQLite writes each page of a log in two writes, a header of 24 bytes and the page, and a transaction
/// has one or more pages for each row. Here they are gathered, and reach the file in one write: with the last
/// frame of the transaction, which is before SQLite tells anybody of it, and before each sync. So what
/// other connections see of the file, and what a crash may leave of it, is what it was.
///
/// A write that fails so is reported by a later call than SQLite made it in. That must be a call of the same
/// COMMIT, which SQLite then undoes as a whole; hence ``Connection`` has it write nothing before
/// (`cache_spill`).
///
/// It lies in the memory that SQLite allocates for an open file, behind what its own file system (`unix`)
/// keeps there, whose methods it replaces. Belongs to the thread that has the connection.
@safe
struct GatheredLog {
    /// What SQLite calls for this file: as `original`, but for the methods below.
    private var methods: sqlite3_io_methods
    private let original: UnsafePointer<sqlite3_io_methods>
    private var bytes: UnsafeMutableRawPointer?
    private var byteCount = 0
    /// Where in the file the gathered bytes begin.
    private var offset: sqlite3_int64 = 0
    /// Whether the page that is written next is the last of a transaction.
    private var endsTransaction = false
    /// Whether bytes were lost where SQLite doesn't expect it, and so takes them for written. It never is,
    /// unless SQLite writes a log at other times than we know of.
    private var isBroken = false

    /// The most bytes that SQLite's file system can write in one call: some thirty pages.
    private static let capacity = 0x1ffff
    private static let frameHeaderByteCount = 24
    /// `SQLITE_IOERR_WRITE`, a macro that Swift can't read.
    private static let writeFailure = SQLITE_IOERR | 3 << 8

    /// The name of the file system that gathers, for `sqlite3_open_v2`; nil, which is the usual one, where the
    /// program has put another in the place of SQLite's own.
    static let fileSystemName: String? = register() ? name : nil

    private static let name = "sluice-gathers"

    /// Where in the memory of an open file this begins.
    private static let place: Int = {
        let alignment = MemoryLayout<GatheredLog>.alignment
        let byteCount = unsafe Int(usual?.pointee.szOsFile ?? 0)
        return (byteCount + alignment - 1) / alignment * alignment
    }()

    nonisolated(unsafe) private static let usual = unsafe sqlite3_vfs_find(nil)

    private static func register() -> Bool {
        guard let usual = unsafe usual, unsafe strcmp(usual.pointee.zName, "unix") == 0 else {
            return false
        }
        // It is registered for as long as the process lives.
        let system = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe system.initialize(to: usual.pointee)
        unsafe system.pointee.pNext = nil
        unsafe system.pointee.zName = UnsafePointer(strdup(name))
        unsafe system.pointee.szOsFile = Int32(place + MemoryLayout<GatheredLog>.size)
        unsafe system.pointee.xOpen = { _, path, file, flags, outFlags in
            unsafe GatheredLog.open(path, file, flags, outFlags)
        }
        return unsafe sqlite3_vfs_register(system, 0) == SQLITE_OK
    }

    // MARK: What SQLite calls

    private typealias OpenFile = UnsafeMutablePointer<sqlite3_file>

    private static func open(
        _ path: UnsafePointer<CChar>?, _ file: OpenFile?, _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let usual = unsafe usual, let file = unsafe file else { return SQLITE_MISUSE }
        let code = unsafe usual.pointee.xOpen(usual, path, file, flags, outFlags)
        guard code == SQLITE_OK, flags & SQLITE_OPEN_WAL != 0,
            let original = unsafe file.pointee.pMethods
        else { return code }
        let log = unsafe of(file)
        unsafe log.initialize(to: GatheredLog(original))
        unsafe file.pointee.pMethods = unsafe UnsafePointer(
            UnsafeMutableRawPointer(log).assumingMemoryBound(to: sqlite3_io_methods.self))
        return code
    }

    private init(_ original: UnsafePointer<sqlite3_io_methods>) {
        unsafe self.original = unsafe original
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
            unsafe free(log.pointee.bytes)
            return unsafe log.pointee.original.pointee.xClose(file)
        }
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

    private static func of(_ file: OpenFile) -> UnsafeMutablePointer<GatheredLog> {
        unsafe UnsafeMutableRawPointer(file).advanced(by: place)
            .assumingMemoryBound(to: GatheredLog.self)
    }

    // MARK: Gathering

    private mutating func write(
        _ part: UnsafeRawBufferPointer, at place: sqlite3_int64, _ file: OpenFile
    ) -> Int32 {
        guard !isBroken else { return Self.writeFailure }
        let isNext = byteCount > 0 && place == offset + sqlite3_int64(byteCount)
        if !isNext || byteCount + part.count > Self.capacity {
            let code = unsafe flush(file)
            guard code == SQLITE_OK else { return code }
        }
        if unsafe bytes == nil { unsafe bytes = unsafe malloc(Self.capacity) }
        guard let bytes = unsafe bytes, let start = part.baseAddress, part.count <= Self.capacity
        else {
            return unsafe original.pointee.xWrite(
                file, part.baseAddress, Int32(part.count), place)
        }
        if byteCount == 0 { offset = place }
        unsafe (bytes + byteCount).copyMemory(from: start, byteCount: part.count)
        byteCount += part.count
        if part.count == Self.frameHeaderByteCount {
            // The size of the database after a commit, which is 0 in every other frame.
            endsTransaction = unsafe part[4..<8].contains { $0 != 0 }
        } else if endsTransaction {
            endsTransaction = false
            return unsafe flush(file)
        }
        return SQLITE_OK
    }

    /// Writes what is gathered. If that fails, it is gone, and the COMMIT that this is called in must fail.
    private mutating func flush(_ file: OpenFile) -> Int32 {
        guard !isBroken else { return Self.writeFailure }
        guard byteCount > 0 else { return SQLITE_OK }
        defer { byteCount = 0 }
        return unsafe original.pointee.xWrite(file, bytes, Int32(byteCount), offset)
    }
}
