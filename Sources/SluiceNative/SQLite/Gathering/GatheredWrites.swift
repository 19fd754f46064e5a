internal import CSQLite
internal import Glibc

/// Bytes that SQLite has written to a file, one part behind the other, and the kernel has not seen yet.
@safe
struct GatheredWrites {
    /// What the usual file system does with the file.
    let original: UnsafePointer<sqlite3_io_methods>
    private var bytes: UnsafeMutableRawPointer?
    private var byteCount = 0
    /// Where in the file they begin.
    private var offset: sqlite3_int64 = 0

    /// The most bytes that SQLite's file system can write in one call: some thirty pages.
    private static let capacity = 0x1ffff

    init(_ original: UnsafePointer<sqlite3_io_methods>) {
        unsafe self.original = unsafe original
    }

    /// Adds a part, and writes what was gathered first if the part doesn't join it.
    mutating func add(
        _ part: UnsafeRawBufferPointer, at place: sqlite3_int64,
        _ file: GatheringFileSystem.OpenFile
    ) -> Int32 {
        let isNext = place == offset + sqlite3_int64(byteCount)
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
        return SQLITE_OK
    }

    /// Writes what is gathered. If that fails, it is gone.
    mutating func flush(_ file: GatheringFileSystem.OpenFile) -> Int32 {
        guard byteCount > 0 else { return SQLITE_OK }
        defer { byteCount = 0 }
        return unsafe original.pointee.xWrite(file, bytes, Int32(byteCount), offset)
    }

    /// Lets go of the memory.
    mutating func discard() {
        unsafe free(bytes)
        unsafe bytes = nil
        byteCount = 0
    }
}
