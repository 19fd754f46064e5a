internal import CSQLite

/// A database whose log is made durable before it is recovered, and that is as ever otherwise.
@safe
struct RecoveredDatabase: FileState {
    /// What SQLite calls for this file.
    private(set) var methods: sqlite3_io_methods
    private let original: UnsafePointer<sqlite3_io_methods>
    private let path: UnsafePointer<CChar>?

    init(_ original: UnsafePointer<sqlite3_io_methods>, at path: UnsafePointer<CChar>?) {
        unsafe self.original = unsafe original
        unsafe self.path = unsafe path
        methods = unsafe original.pointee
        unsafe methods.xShmLock = { file, first, count, flags in
            guard let file = unsafe file else { return SQLITE_MISUSE }
            let state = unsafe RecoveredDatabase.of(file)
            return unsafe LogRecovery.lock(
                file, at: state.pointee.path, by: state.pointee.original, first, count, flags)
        }
    }
}
