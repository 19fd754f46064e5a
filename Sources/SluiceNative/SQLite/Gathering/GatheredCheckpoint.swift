internal import CSQLite

/// A database whose pages are written in runs while a checkpoint copies them from the log.
///
/// SQLite copies in the order of the pages, so that most lie behind each other: what a store has grown by
/// does. A run reaches the file before the checkpoint truncates it, syncs it or counts it as done. A
/// write that fails is reported by one of those calls, so that the checkpoint fails and its pages are copied
/// again by the next.
///
/// One that readers cut short is not: SQLite makes none of those calls then, counts the pages as done, and takes
/// no notice of what it is told at the end. So such a checkpoint, which is known by the lock on a reader's
/// mark that it didn't get, writes page by page. A writer in the meantime would cut it short unseen: none may be
/// there (``Connection/checkpoint(_:)``).
@safe
struct GatheredCheckpoint {
    /// What SQLite calls for this file: as `original`, but for the methods below.
    private(set) var methods: sqlite3_io_methods
    private let original: UnsafePointer<sqlite3_io_methods>
    private var writes: GatheredWrites
    private var isGathering = false
    /// Whether a reader is in the way of the checkpoint that is under way.
    private var isCutShort = false
    /// Why the last run of a checkpoint was not written, to be told by the calls that follow.
    private var failure = SQLITE_OK

    /// The lock that a checkpoint holds (`WAL_CKPT_LOCK` in SQLite's file format).
    private static let checkpointLock: Int32 = 1
    private static let exclusively = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE

    private typealias OpenFile = GatheringFileSystem.OpenFile

    init(_ original: UnsafePointer<sqlite3_io_methods>) {
        unsafe self.original = unsafe original
        writes = unsafe GatheredWrites(original)
        methods = unsafe original.pointee
        unsafe methods.xWrite = { file, bytes, byteCount, offset in
            guard let file = unsafe file, let bytes = unsafe bytes else { return SQLITE_MISUSE }
            let part = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(byteCount))
            return unsafe GatheredCheckpoint.of(file).pointee.write(part, at: offset, file)
        }
        unsafe methods.xTruncate = { file, byteCount in
            unsafe GatheredCheckpoint.passOn(file) { unsafe $0.xTruncate($1, byteCount) }
        }
        unsafe methods.xSync = { file, flags in
            unsafe GatheredCheckpoint.passOn(file) { unsafe $0.xSync($1, flags) }
        }
        unsafe methods.xShmLock = { file, first, count, flags in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let state = unsafe GatheredCheckpoint.of(file)
            let code = unsafe state.pointee.original.pointee.xShmLock(file, first, count, flags)
            if flags == GatheredCheckpoint.exclusively {
                unsafe state.pointee.noteLock(first, code)
            }
            return code
        }
        unsafe methods.xFileControl = { file, operation, argument in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let state = unsafe GatheredCheckpoint.of(file)
            switch operation {
            case SQLITE_FCNTL_CKPT_START: unsafe state.pointee.begin()
            case SQLITE_FCNTL_CKPT_DONE: unsafe state.pointee.end(file)
            default: break
            }
            return unsafe state.pointee.original.pointee.xFileControl(file, operation, argument)
        }
        unsafe methods.xClose = { file in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let state = unsafe GatheredCheckpoint.of(file)
            unsafe state.pointee.writes.discard()
            return unsafe state.pointee.original.pointee.xClose(file)
        }
    }

    private static func of(_ file: OpenFile) -> UnsafeMutablePointer<GatheredCheckpoint> {
        unsafe GatheringFileSystem.state(of: file)
    }

    /// Has the usual file system do it, unless the checkpoint that it belongs to has failed.
    private static func passOn(
        _ file: OpenFile?, _ call: (_ original: sqlite3_io_methods, _ file: OpenFile) -> Int32
    ) -> Int32 {
        guard let file = unsafe file else { return SQLITE_MISUSE }
        let state = unsafe of(file)
        let failure = unsafe state.pointee.failure
        return failure == SQLITE_OK
            ? unsafe call(state.pointee.original.pointee, file) : failure
    }

    private mutating func noteLock(_ first: Int32, _ code: Int32) {
        if code != SQLITE_OK {
            isCutShort = true
        } else if first == Self.checkpointLock {
            isCutShort = false
        }
    }

    private mutating func begin() {
        isGathering = !isCutShort
        failure = SQLITE_OK
    }

    private mutating func end(_ file: OpenFile) {
        failure = unsafe writes.flush(file)
        writes.discard()
        isGathering = false
    }

    private mutating func write(
        _ page: UnsafeRawBufferPointer, at offset: sqlite3_int64, _ file: OpenFile
    ) -> Int32 {
        guard isGathering else {
            return unsafe original.pointee.xWrite(
                file, page.baseAddress, Int32(page.count), offset)
        }
        return unsafe writes.add(page, at: offset, file)
    }
}
