internal import CSQLite
internal import Glibc

/// A file system of SQLite's that is its usual one (`unix`) but for how often it writes: what follows each
/// other in a file reaches the kernel in one call. A write-ahead log is written by ``GatheredLog``, a
/// database by ``GatheredCheckpoint``; other files as ever. A second one gathers nothing. With both a log is made
/// durable before it is believed (``LogRecovery``).
///
/// Each of them lies in the memory that SQLite allocates for an open file, behind what `unix` keeps there, whose
/// methods it replaces; and belongs to the thread that has the connection.
enum GatheringFileSystem {
    /// Its name, for `sqlite3_open_v2`; nil, which is the usual one, where the program has put another in the
    /// place of SQLite's own.
    static let name: String? = unsafe register("sluice-gathers") { _, path, file, flags, outFlags in
        unsafe GatheringFileSystem.open(path, file, flags, outFlags, gathersWrites: true)
    }

    /// The name of the one that gathers nothing.
    static let plainName: String? = unsafe register("sluice") { _, path, file, flags, outFlags in
        unsafe GatheringFileSystem.open(path, file, flags, outFlags, gathersWrites: false)
    }

    typealias OpenFile = UnsafeMutablePointer<sqlite3_file>

    nonisolated(unsafe) private static let usual = unsafe sqlite3_vfs_find(nil)

    /// Where in the memory of an open file there is room behind what the usual file system keeps.
    private static let place: Int = {
        let alignment = max(
            MemoryLayout<GatheredLog>.alignment, MemoryLayout<GatheredCheckpoint>.alignment,
            MemoryLayout<RecoveredDatabase>.alignment)
        let byteCount = unsafe Int(usual?.pointee.szOsFile ?? 0)
        return (byteCount + alignment - 1) / alignment * alignment
    }()

    /// The `State` of a file that was opened with one.
    static func state<State: FileState>(of file: OpenFile) -> UnsafeMutablePointer<State> {
        unsafe UnsafeMutableRawPointer(file).advanced(by: place)
            .assumingMemoryBound(to: State.self)
    }

    private typealias Open =
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, OpenFile?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32

    private static func register(_ name: String, _ open: Open) -> String? {
        guard let usual = unsafe usual, unsafe strcmp(usual.pointee.zName, "unix") == 0 else {
            return nil
        }
        // It is registered for as long as the process lives.
        let system = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe system.initialize(to: usual.pointee)
        unsafe system.pointee.pNext = nil
        unsafe system.pointee.zName = UnsafePointer(strdup(name))
        // SQLite puts files behind each other in memory.
        let byteCount = max(
            MemoryLayout<GatheredLog>.stride, MemoryLayout<GatheredCheckpoint>.stride,
            MemoryLayout<RecoveredDatabase>.stride)
        unsafe system.pointee.szOsFile = Int32(place + byteCount)
        unsafe system.pointee.xOpen = unsafe open
        return unsafe sqlite3_vfs_register(system, 0) == SQLITE_OK ? name : nil
    }

    private static func open(
        _ path: UnsafePointer<CChar>?, _ file: OpenFile?, _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?, gathersWrites: Bool
    ) -> Int32 {
        guard let usual = unsafe usual, let file = unsafe file else { return SQLITE_MISUSE }
        let code = unsafe usual.pointee.xOpen(usual, path, file, flags, outFlags)
        guard code == SQLITE_OK, let original = unsafe file.pointee.pMethods else { return code }
        let isDatabase = flags & SQLITE_OPEN_MAIN_DB != 0
        if gathersWrites, flags & SQLITE_OPEN_WAL != 0 {
            unsafe replaceMethods(of: file, by: GatheredLog(original), at: \.methods)
        } else if gathersWrites, isDatabase {
            unsafe replaceMethods(
                of: file, by: GatheredCheckpoint(original, at: path), at: \.methods)
        } else if isDatabase {
            unsafe replaceMethods(
                of: file, by: RecoveredDatabase(original, at: path), at: \.methods)
        }
        return code
    }

    private static func replaceMethods<State: FileState>(
        of file: OpenFile, by state: State, at methods: KeyPath<State, sqlite3_io_methods>
    ) {
        let place = unsafe State.of(file)
        unsafe place.initialize(to: state)
        guard let offset = MemoryLayout<State>.offset(of: methods) else { return }
        unsafe file.pointee.pMethods = unsafe UnsafePointer(
            (UnsafeMutableRawPointer(place) + offset)
                .assumingMemoryBound(to: sqlite3_io_methods.self))
    }
}
