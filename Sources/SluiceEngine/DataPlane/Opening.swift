internal import Dispatch
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Where opened chunks go. `offset` counts from the start of the range that is read. Thread-safe.
protocol ChunkTarget: Sendable {
    /// Takes `byteCount` bytes that `open` writes: a whole chunk, straight to where it belongs.
    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError)
}

/// Opens one object's chunks on several workers: all, or those that cover a range.
struct Opening: Sendable {
    let keys: ObjectKeys
    let layout: ChunkLayout
    let blob: any SealedBytes
    /// Nil under ``Codec/raw``.
    let table: OpenTable?
    let workers: Workers
    let progress: ProgressMeter?
    /// Looked at before each chunk; nil where nothing is read for anybody.
    let standing: ReadStanding?

    /// Opens the plaintext bytes of `range`, each exactly once.
    func run(
        _ range: Range<Int>, to target: some ChunkTarget, halt: Halt
    ) throws(StoreError) {
        // The empty object is one empty chunk, which must authenticate like any other.
        let chunks = layout.byteCount == 0 ? 0..<1 : layout.chunks(covering: range)
        let next = Atomic<Int>(chunks.lowerBound)
        try workers.run(atMost: chunks.count, halt) { worker throws(StoreError) in
            try prepare(&worker)
            while halt.goesOn {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < chunks.upperBound else { break }
                try open(index, of: range, to: target, &worker)
            }
        }
    }

    /// Makes a worker fit to open chunks of this.
    func prepare(_ worker: inout Worker) throws(StoreError) {
        try worker.prepare(for: layout.chunkSize)
        try translated("opening a chunk") { () throws(CryptoError) in
            try keys.setChunkKey(&worker.cipher)
        }
    }

    /// Opens what `range` has of one chunk, with a worker that is fit for that.
    func open(
        _ index: Int, of range: Range<Int>, to target: some ChunkTarget, _ worker: inout Worker
    ) throws(StoreError) {
        let offset = layout.offset(ofChunk: index)
        let byteCount = layout.byteCount(ofChunk: index)
        let wanted = range.clamped(to: offset..<offset + byteCount)
        if wanted.count == byteCount {
            try target.receive(
                at: offset - range.lowerBound, byteCount: byteCount, buffer: &worker.output
            ) { plain throws(StoreError) in
                try openChunk(
                    index, input: &worker.input, block: &worker.block, cipher: &worker.cipher,
                    into: &plain)
            }
        } else {
            // At most the first and the last chunk of a range.
            try worker.prepareWhole(for: layout.chunkSize)
            try target.receive(
                at: wanted.lowerBound - range.lowerBound, byteCount: wanted.count,
                buffer: &worker.output
            ) { plain throws(StoreError) in
                try worker.whole.withMutableBytes(0..<byteCount) { chunk throws(StoreError) in
                    try openChunk(
                        index, input: &worker.input, block: &worker.block,
                        cipher: &worker.cipher, into: &chunk)
                }
                let start = wanted.lowerBound - offset
                worker.whole.withBytes(start..<start + wanted.count) { plain.copyPrefix(of: $0) }
            }
        }
        progress?.advance(by: wanted.count)
    }

    /// Reads, authenticates and, where it is coded, decompresses one chunk.
    private func openChunk(
        _ index: Int, input: inout WorkBuffer, block: inout WorkBuffer, cipher: inout AES256GCM,
        into plain: inout MutableSpan<UInt8>
    ) throws(StoreError) {
        try standing?.check()
        let entry =
            try table?.entry(ofChunk: index)
            ?? ChunkTable.Entry(
                sealedOffset: layout.sealedOffset(ofChunk: index),
                sealedByteCount: layout.sealedByteCount(ofChunk: index), isLZ4: false)
        try blob.withBytes(
            at: entry.sealedOffset, byteCount: entry.sealedByteCount, buffer: &input
        ) { sealed throws(StoreError) in
            guard sealed.count == entry.sealedByteCount else {
                throw StoreError(
                    .integrity, "chunk \(index) is cut short",
                    cause: ChunkError.truncated(chunk: index))
            }
            try open(sealed, index, entry, block: &block, cipher: &cipher, into: &plain)
        }
    }

    private func open(
        _ sealed: Span<UInt8>, _ index: Int, _ entry: ChunkTable.Entry, block: inout WorkBuffer,
        cipher: inout AES256GCM, into plain: inout MutableSpan<UInt8>
    ) throws(StoreError) {
        let nonce = ChunkNonce.chunk(
            index: index, isFinal: index == layout.finalIndex, isLZ4: entry.isLZ4)
        let blockByteCount = entry.sealedByteCount - Format.tagByteCount
        do throws(CryptoError) {
            if entry.isLZ4 {
                try block.withMutableBytes(0..<blockByteCount) { coded throws(CryptoError) in
                    try cipher.open(sealed, nonce: nonce, authenticating: Span(), into: &coded)
                }
            } else {
                try cipher.open(sealed, nonce: nonce, authenticating: Span(), into: &plain)
            }
        } catch {
            throw StoreError(
                .integrity, "chunk \(index) fails to authenticate",
                cause: ChunkError.authenticationFailed(chunk: index))
        }
        guard entry.isLZ4 else { return }
        do throws(LZ4Error) {
            try block.withBytes(0..<blockByteCount) { coded throws(LZ4Error) in
                try LZ4.decompress(coded, into: &plain)
            }
        } catch {
            throw StoreError(
                .integrity, "chunk \(index) is no LZ4 block of its length",
                cause: ChunkError.malformedBlock(chunk: index))
        }
    }
}

/// What is wrong with a chunk: the cause of a ``StoreError/Code/integrity`` error.
enum ChunkError: Error, Equatable {
    case truncated(chunk: Int)
    case authenticationFailed(chunk: Int)
    case malformedBlock(chunk: Int)
}
