internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A regular file, read at chunk offsets by every worker for itself.
final class FileSource: ChunkSource {
    /// The file doesn't have the size that it says, though nobody has changed it, as those of `/proc` and
    /// `/sys`: it can be read as a stream only.
    struct UntrueSize: Error {}

    private let source: OpenFile
    private let layout: ChunkLayout
    private let next = Atomic<Int>(0)

    /// `layout` was computed from the size that the file said it had.
    init(_ source: OpenFile, layout: ChunkLayout) {
        self.source = source
        self.layout = layout
    }

    private var file: File { source.file }

    func withNextChunk(
        _ buffer: inout WorkBuffer,
        _ body: (ChunkPlace, Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < layout.chunkCount else { return false }
        let byteCount = layout.byteCount(ofChunk: index)
        let offset = layout.offset(ofChunk: index)
        let read = try translated("read") { () throws(SystemError) in
            try buffer.withMutableBytes(0..<byteCount) { chunk throws(SystemError) in
                try file.read(into: &chunk, at: offset)
            }
        }
        guard read == byteCount else { throw try hasAnotherSize() }
        try buffer.withBytes(0..<byteCount) { chunk throws(StoreError) in
            try body(ChunkPlace(index: index, isFinal: index == layout.finalIndex), chunk)
        }
        return true
    }

    /// All of a small file, if it holds still.
    func readAll() throws(StoreError) -> [UInt8] {
        let bytes = try [UInt8](filling: layout.byteCount) { output throws(StoreError) in
            let read = try translated("read") { () throws(SystemError) in
                try file.read(into: &output, at: 0)
            }
            guard read == layout.byteCount else { throw try hasAnotherSize() }
        }
        try finish()
        return bytes
    }

    /// A file that changed while it was read may be half of one version and half of another.
    func finish() throws(StoreError) {
        var byte: [UInt8] = [0]
        let beyond = try translated("read") { () throws(SystemError) in
            var span = byte.mutableSpan
            return try file.read(into: &span, at: layout.byteCount)
        }
        guard beyond == 0 else { throw try hasAnotherSize() }
        try source.requireUnchanged()
    }

    /// What was read is not as long as the file said: it has changed, or never told the truth.
    private func hasAnotherSize() throws(StoreError) -> StoreError {
        try source.requireUnchanged()
        return StoreError(
            .sourceChanged, "'\(source.path)' doesn't have the size that it says",
            about: .file(source.path), cause: UntrueSize())
    }
}

/// A file as a stream: a pipe, a device, or a regular file whose size says nothing.
struct FileByteSource: ByteSource {
    private let source: OpenFile

    init(_ source: OpenFile) {
        self.source = source
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let byteCount = try translated("read") { () throws(SystemError) in
            try source.file.readSome(into: &buffer)
        }
        if byteCount == 0, source.status.kind == .regular { try source.requireUnchanged() }
        return byteCount
    }
}
