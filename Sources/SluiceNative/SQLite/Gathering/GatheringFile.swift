internal import CSQLite

/// What is kept of an open file of SQLite's, behind what the usual file system keeps of it.
protocol FileState {}

extension FileState {
    typealias OpenFile = GatheringFileSystem.OpenFile

    static func of(_ file: OpenFile) -> UnsafeMutablePointer<Self> {
        unsafe GatheringFileSystem.state(of: file)
    }
}

/// An open file of SQLite's whose writes are gathered, and what SQLite calls for it in the place of the usual file
/// system's methods. A C function has no `Self`, so each type names itself in the functions that it makes of these.
protocol GatheringFile: FileState {
    var writes: GatheredWrites { get set }

    /// Takes what SQLite writes.
    mutating func write(
        _ part: UnsafeRawBufferPointer, at offset: sqlite3_int64, _ file: OpenFile
    ) -> Int32
}

extension GatheringFile {
    /// `xWrite`.
    static func write(
        _ file: OpenFile?, _ bytes: UnsafeRawPointer?, _ byteCount: Int32, _ offset: sqlite3_int64
    ) -> Int32 {
        guard let file = unsafe file, let bytes = unsafe bytes else { return SQLITE_MISUSE }
        let part = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(byteCount))
        return unsafe of(file).pointee.write(part, at: offset, file)
    }

    /// `xClose`: what is still gathered belongs to nothing that was committed.
    static func close(_ file: OpenFile?) -> Int32 {
        guard let file = unsafe file else { return SQLITE_MISUSE }
        let state = unsafe of(file)
        unsafe state.pointee.writes.discard()
        return unsafe state.pointee.writes.original.pointee.xClose(file)
    }

    /// Has the usual file system do it, unless `ready` fails.
    static func passOn(
        _ file: OpenFile?, after ready: (inout Self, OpenFile) -> Int32,
        _ call: (_ original: sqlite3_io_methods, _ file: OpenFile) -> Int32
    ) -> Int32 {
        guard let file = unsafe file else { return SQLITE_MISUSE }
        let state = unsafe of(file)
        let code = unsafe ready(&state.pointee, file)
        guard code == SQLITE_OK else { return code }
        return unsafe call(state.pointee.writes.original.pointee, file)
    }
}
