internal import SluiceFormat
internal import SluiceNative

/// A run that is being written: names come in byte order, each chunk is sealed when it is full. For one thread.
struct RunFile {
    private let file: File
    private let pieces: RunSeal
    private var index = RunIndex()
    private var chunk = ByteWriter(capacity: RunLayout.chunkByteCount + 8192)
    private var firstName: [UInt8] = []
    private var nameCount = 0

    /// A run in an empty file.
    ///
    /// - Parameter salt: 32 random bytes, never used before.
    init(
        _ file: File, of directory: [UInt8], in scope: Scope, salt: [UInt8]
    ) throws(StoreError) {
        self.file = file
        pieces = RunSeal(scope: scope, directory: directory, salt: salt)
        try write(RunLayout.magic + salt, at: 0)
    }

    /// Adds the next name.
    mutating func append(_ name: NameRun.Name) throws(StoreError) {
        if nameCount == 0 { firstName = name.bytes }
        RunEntry(name: name.bytes[...], isDirectory: name.isDirectory, rowID: name.rowID)
            .append(to: &chunk)
        nameCount += 1
        if chunk.bytes.count >= RunLayout.chunkByteCount { try endChunk() }
    }

    /// Ends the run, which has everything up to these rows.
    mutating func finish(
        objects: [RunIndex.Mark], directories: [RunIndex.Mark]
    ) throws(StoreError) {
        if nameCount > 0 { try endChunk() }
        index.objects = objects
        index.directories = directories
        let sealed = try pieces.seal(index.encoded(), number: RunLayout.indexNumber)
        guard sealed.count <= RunLayout.longestIndexByteCount else {
            throw StoreError(.invalidArgument, "names that are too many, or too long, for a run")
        }
        var writer = ByteWriter(capacity: sealed.count + RunLayout.trailerByteCount)
        writer.fixed(sealed)
        writer.integer(UInt32(sealed.count))
        try write(writer.bytes, at: index.endOffset)
    }

    private mutating func endChunk() throws(StoreError) {
        let sealed = try pieces.seal(chunk.bytes, number: UInt64(index.chunks.count))
        let offset = index.endOffset
        try write(sealed, at: offset)
        index.chunks.append(
            RunIndex.Chunk(
                offset: offset, sealedByteCount: sealed.count, nameCount: nameCount,
                firstName: firstName))
        chunk = ByteWriter(capacity: RunLayout.chunkByteCount + 8192)
        nameCount = 0
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        do throws(SystemError) {
            try file.write(bytes.span, at: offset)
        } catch {
            throw StoreError(system: error, "write a run", otherwise: .cannotCreate)
        }
    }
}
