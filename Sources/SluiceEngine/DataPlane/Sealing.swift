internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// What sealing an object gave.
struct SealedObject: Sendable {
    var storedByteCount: Int
    /// SHA-256 of the sealed chunk table; nil under ``Codec/raw``.
    var tableDigest: [UInt8]?
}

/// Seals one object's chunks on several workers (FORMAT section 5).
///
/// Each worker takes the next chunk and carries it through every stage in buffers of its own: read,
/// compress, seal, write. There is no queue between stages, and memory is bounded by workers times
/// chunk size, besides some 24 bytes a chunk for the table of an LZ4 object.
struct Sealing: Sendable {
    let keys: ObjectKeys
    let chunkSize: ChunkSize
    let codec: Codec
    let workers: Workers
    let library: CryptoLibrary
    let progress: ProgressMeter?

    /// Reads all of `source`, and writes the sealed chunks and the table to `blob`.
    func run(
        _ source: some ChunkSource, into blob: BlobWriter, halt: Halt
    ) throws(StoreError) -> SealedObject {
        let places = ChunkPlaces(codec: codec, chunkSize: chunkSize)
        try run(source, into: blob, places, halt: halt)
        return try places.finish(into: blob, keys: keys, library: library)
    }

    /// Reads all of `source`, and writes the sealed chunks to `blob`.
    fileprivate func run(
        _ source: some ChunkSource, into blob: BlobWriter, _ places: ChunkPlaces, halt: Halt
    ) throws(StoreError) {
        try workers.run(atMost: workers.count, halt) { worker throws(StoreError) in
            do throws(StoreError) {
                try seal(source, into: blob, places, halt, &worker)
            } catch {
                // The chunk that this worker had never comes, for which others may wait there.
                blob.stop()
                throw error
            }
        }
        try source.finish()
    }

    /// What one worker does.
    private func seal(
        _ source: some ChunkSource, into blob: BlobWriter, _ places: ChunkPlaces,
        _ halt: Halt, _ worker: inout Worker
    ) throws(StoreError) {
        try worker.prepare(for: chunkSize)
        try translated("sealing a chunk") { () throws(CryptoError) in
            try keys.setChunkKey(&worker.cipher)
        }
        var pace = CompressionPace()
        var hasMore = true
        while hasMore, halt.goesOn {
            hasMore = try source.withNextChunk(&worker.input) {
                place, plain throws(StoreError) in
                let block =
                    codec == .lz4
                    ? worker.compressor.compress(plain, into: &worker.block, &pace) : nil
                let sealedByteCount = try seal(
                    plain, place, block: block, cipher: &worker.cipher,
                    blockBuffer: worker.block, into: &worker.output)
                let offset = places.assign(
                    place.index, sealedByteCount: sealedByteCount, isLZ4: block != nil)
                try worker.output.withBytes(0..<sealedByteCount) { sealed throws(StoreError) in
                    try blob.write(sealed, at: offset)
                }
                progress?.advance(by: plain.count)
            }
        }
    }

    /// Seals a chunk, or the LZ4 block that stands for it, and returns the sealed length.
    private func seal(
        _ plain: Span<UInt8>, _ place: ChunkPlace, block: Int?, cipher: inout AES256GCM,
        blockBuffer: borrowing WorkBuffer, into output: inout WorkBuffer
    ) throws(StoreError) -> Int {
        let sealedByteCount = (block ?? plain.count) + Format.tagByteCount
        let nonce = ChunkNonce.chunk(
            index: place.index, isFinal: place.isFinal, isLZ4: block != nil)
        try translated("sealing a chunk") { () throws(CryptoError) in
            try output.withMutableBytes(0..<sealedByteCount) { sealed throws(CryptoError) in
                guard let block else {
                    try cipher.seal(plain, nonce: nonce, authenticating: Span(), into: &sealed)
                    return
                }
                try blockBuffer.withBytes(0..<block) { block throws(CryptoError) in
                    try cipher.seal(block, nonce: nonce, authenticating: Span(), into: &sealed)
                }
            }
        }
        return sealedByteCount
    }
}

/// Seals an object whose bytes come bit by bit, each bit on all workers. For one caller at a time.
final class GrowingSealing: Sendable {
    private let sealing: Sealing
    private let places: ChunkPlaces
    private let blob: BlobWriter
    private let chunkCount = Atomic<Int>(0)

    /// Nothing, yet, of what goes into `blob`.
    init(_ sealing: Sealing, into blob: BlobWriter) {
        self.sealing = sealing
        self.blob = blob
        places = ChunkPlaces(codec: sealing.codec, chunkSize: sealing.chunkSize)
    }

    /// Seals the next bytes: whole chunks, at least one, unless they are the last.
    func add(_ bytes: [UInt8], isLast: Bool, halt: Halt) throws(StoreError) {
        guard let layout = ChunkLayout(byteCount: bytes.count, chunkSize: sealing.chunkSize),
            isLast || layout.byteCount(ofChunk: layout.finalIndex) == sealing.chunkSize.byteCount
        else { preconditionFailure("what isn't the last of an object is whole chunks") }
        let first = chunkCount.wrappingAdd(layout.chunkCount, ordering: .relaxed).oldValue
        let source = BytesSource(bytes, layout: layout, firstIndex: first, isLast: isLast)
        try sealing.run(source, into: blob, places, halt: halt)
    }

    /// Writes the table, if there is one: all has been added.
    func finish() throws(StoreError) -> SealedObject {
        try places.finish(into: blob, keys: sealing.keys, library: sealing.library)
    }
}

/// Where the chunks of an object that is being sealed go in its blob. Thread-safe.
///
/// A raw chunk's offset follows from its index. Under LZ4 a chunk goes to the end of what there is
/// when it is ready, so that workers need not wait for each other; the table says where that was.
private final class ChunkPlaces: Sendable {
    private let codec: Codec
    private let chunkSize: ChunkSize
    private let end = Atomic<Int>(0)
    private let table = Mutex<[ChunkTable.Entry?]>([])

    init(codec: Codec, chunkSize: ChunkSize) {
        self.codec = codec
        self.chunkSize = chunkSize
    }

    /// The offset at which a sealed chunk is to be written.
    func assign(_ index: Int, sealedByteCount: Int, isLZ4: Bool) -> Int {
        switch codec {
        case .raw:
            let offset = index * (chunkSize.byteCount + Format.tagByteCount)
            end.max(offset + sealedByteCount, ordering: .relaxed)
            return offset
        case .extents: preconditionFailure("a table of extents has no chunks")
        case .lz4:
            let offset = end.wrappingAdd(sealedByteCount, ordering: .relaxed).oldValue
            let entry = ChunkTable.Entry(
                sealedOffset: offset, sealedByteCount: sealedByteCount, isLZ4: isLZ4)
            table.withLock { table in
                while table.count <= index { table.append(nil) }
                table[index] = entry
            }
            return offset
        }
    }

    /// Writes the table behind the chunks, if there is one.
    func finish(
        into blob: BlobWriter, keys: ObjectKeys, library: CryptoLibrary
    ) throws(StoreError) -> SealedObject {
        let tableOffset = end.load(ordering: .relaxed)
        guard codec == .lz4 else {
            return SealedObject(storedByteCount: tableOffset, tableDigest: nil)
        }
        let entries = table.withLock { table in
            table.map { entry in
                guard let entry else { preconditionFailure("a chunk was left out") }
                return entry
            }
        }
        let sealed = try SealedTable(entries, keys: keys, library: library)
        var offset = tableOffset
        for page in sealed.pages {
            try blob.write(page.span, at: offset)
            offset += page.count
        }
        return SealedObject(storedByteCount: offset, tableDigest: sealed.digest)
    }
}
