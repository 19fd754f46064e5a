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
struct GatheredCheckpoint: GatheringFile {
    /// What SQLite calls for this file.
    private(set) var methods: sqlite3_io_methods
    var writes: GatheredWrites
    private var isGathering = false
    /// Whether a reader is in the way of the checkpoint that is under way.
    private var isCutShort = false
    private let path: UnsafePointer<CChar>?
    /// Why the last run of a checkpoint was not written, to be told by the calls that follow.
    private var failure = SQLITE_OK

    /// The lock that a checkpoint holds (`WAL_CKPT_LOCK` in SQLite's file format).
    private static let checkpointLock: Int32 = 1
    private static let exclusively = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE

    init(_ original: UnsafePointer<sqlite3_io_methods>, at path: UnsafePointer<CChar>?) {
        unsafe self.path = unsafe path
        writes = unsafe GatheredWrites(original)
        methods = unsafe original.pointee
        unsafe methods.xWrite = { unsafe GatheredCheckpoint.write($0, $1, $2, $3) }
        unsafe methods.xClose = { unsafe GatheredCheckpoint.close($0) }
        unsafe methods.xTruncate = { file, byteCount in
            unsafe GatheredCheckpoint.passOn(file, after: { state, _ in state.failure }) {
                unsafe $0.xTruncate($1, byteCount)
            }
        }
        unsafe methods.xSync = { file, flags in
            unsafe GatheredCheckpoint.passOn(file, after: { state, _ in state.failure }) {
                unsafe $0.xSync($1, flags)
            }
        }
        unsafe methods.xShmLock = { file, first, count, flags in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let state = unsafe GatheredCheckpoint.of(file)
            let code = unsafe LogRecovery.lock(
                file, at: state.pointee.path, by: state.pointee.writes.original, first, count,
                flags)
            if flags == GatheredCheckpoint.exclusively {
                unsafe state.pointee.noteLock(first, code)
            }
            return code
        }
        unsafe methods.xFileControl = { file, operation, argument in
            unsafe GatheredCheckpoint.passOn(
                file,
                after: { state, file in
                    // SQLite would not listen to an error here.
                    unsafe state.note(operation, file)
                    return SQLITE_OK
                }
            ) {
                unsafe $0.xFileControl($1, operation, argument)
            }
        }
    }

    /// Gathers from where a checkpoint begins to where it ends.
    private mutating func note(_ operation: Int32, _ file: OpenFile) {
        switch operation {
        case SQLITE_FCNTL_CKPT_START:
            isGathering = !isCutShort
            failure = SQLITE_OK
        case SQLITE_FCNTL_CKPT_DONE:
            failure = unsafe writes.flush(file)
            writes.discard()
            isGathering = false
        default: break
        }
    }

    private mutating func noteLock(_ first: Int32, _ code: Int32) {
        if code != SQLITE_OK {
            isCutShort = true
        } else if first == Self.checkpointLock {
            isCutShort = false
        }
    }

    mutating func write(
        _ page: UnsafeRawBufferPointer, at offset: sqlite3_int64, _ file: OpenFile
    ) -> Int32 {
        guard isGathering else {
            return unsafe writes.original.pointee.xWrite(
                file, page.baseAddress, Int32(page.count), offset)
        }
        return unsafe writes.add(page, at: offset, file)
    }
}
