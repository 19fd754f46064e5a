internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Where a chunk stands in its object.
struct ChunkPlace: Sendable {
    var index: Int
    var isFinal: Bool
}

/// Plaintext to be sealed, chunk by chunk. Workers share one; each call takes the next chunk.
/// Thread-safe.
protocol ChunkSource: Sendable {
    /// Lends the next chunk, in `buffer` or wherever it lies, to `body`; false if there is none.
    func withNextChunk(
        _ buffer: inout WorkBuffer,
        _ body: (ChunkPlace, Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool
    /// Throws ``StoreError/Code/sourceChanged`` if what was read is not one consistent content.
    func finish() throws(StoreError)
}

/// Bytes in memory; no copy is made.
final class BytesSource: ChunkSource {
    private let bytes: [UInt8]
    private let layout: ChunkLayout
    private let firstIndex: Int
    private let isLast: Bool
    private let next = Atomic<Int>(0)

    /// Bytes that lie so in memory. They may be a part of an object, which begins with the chunk `firstIndex` and, unless it
    /// is the last, has no final chunk.
    init(_ bytes: [UInt8], layout: ChunkLayout, firstIndex: Int = 0, isLast: Bool = true) {
        self.bytes = bytes
        self.layout = layout
        self.firstIndex = firstIndex
        self.isLast = isLast
    }

    func withNextChunk(
        _ buffer: inout WorkBuffer,
        _ body: (ChunkPlace, Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < layout.chunkCount else { return false }
        let offset = layout.offset(ofChunk: index)
        let bytes = bytes
        let chunk = bytes.span.extracting(offset..<offset + layout.byteCount(ofChunk: index))
        let isFinal = isLast && index == layout.finalIndex
        try body(ChunkPlace(index: firstIndex + index, isFinal: isFinal), chunk)
        return true
    }

    func finish() {}
}

/// A stream of unknown length: one worker at a time reads a chunk, then seals it beside the others.
final class StreamSource: ChunkSource {
    private struct State {
        var nextIndex = 0
        /// A byte read to see whether the chunk before was the last.
        var peeked: UInt8?
        var isEnded = false
    }

    private let source: any ByteSource
    private let chunkSize: ChunkSize
    private let chunkLimit: Int
    /// What was read before, to see whether the stream is a small one.
    private let head: WorkBuffer
    private let state = Mutex(State())

    /// The stream `head` followed by what `source` has left; `head` is whole chunks. One of more chunks
    /// than `chunkLimit`, by default those that an object can have, is refused.
    init(
        head: consuming WorkBuffer, rest source: any ByteSource, chunkSize: ChunkSize,
        chunkLimit: Int? = nil
    ) {
        self.chunkLimit = chunkLimit ?? ChunkLayout.maximumChunkCount(chunkSize)
        precondition(head.byteCount % chunkSize.byteCount == 0, "a stream's head is whole chunks")
        self.head = head
        self.source = source
        self.chunkSize = chunkSize
    }

    /// Plaintext bytes read; the stream's length once it has ended.
    var byteCount: Int { readByteCount.load(ordering: .relaxed) }
    private let readByteCount = Atomic<Int>(0)

    func withNextChunk(
        _ buffer: inout WorkBuffer,
        _ body: (ChunkPlace, Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        var place = ChunkPlace(index: 0, isFinal: false)
        var byteCount = 0
        try state.withLock { state throws(StoreError) in
            guard !state.isEnded else {
                place.index = -1
                return
            }
            place.index = state.nextIndex
            // A source that fails is not read again.
            state.isEnded = true
            byteCount = try buffer.withMutableBytes(0..<chunkSize.byteCount) {
                chunk throws(StoreError) in
                try fill(&chunk, index: state.nextIndex, peeked: state.peeked)
            }
            state.nextIndex += 1
            state.peeked = nil
            if byteCount == chunkSize.byteCount {
                if place.index * chunkSize.byteCount + byteCount >= head.byteCount {
                    state.peeked = try peek()
                    state.isEnded = state.peeked == nil
                } else {
                    state.isEnded = false
                }
            }
            place.isFinal = state.isEnded
            guard state.nextIndex <= chunkLimit else {
                throw StoreError(
                    .invalidArgument, "the stream has more chunks than an object can have",
                    remedies: [.choose(.largerChunks)])
            }
        }
        guard place.index >= 0 else { return false }
        readByteCount.wrappingAdd(byteCount, ordering: .relaxed)
        try buffer.withBytes(0..<byteCount) { chunk throws(StoreError) in try body(place, chunk) }
        return true
    }

    func finish() {}

    private func fill(
        _ chunk: inout MutableSpan<UInt8>, index: Int, peeked: UInt8?
    ) throws(StoreError) -> Int {
        let offset = index * chunkSize.byteCount
        if offset < head.byteCount {
            head.withBytes(offset..<offset + chunkSize.byteCount) { chunk.copyPrefix(of: $0) }
            return chunkSize.byteCount
        }
        var filled = 0
        if let peeked {
            chunk[0] = peeked
            filled = 1
        }
        return try source.fill(&chunk, from: filled)
    }

    private func peek() throws(StoreError) -> UInt8? {
        var byte = [UInt8](repeating: 0, count: 1)
        var span = byte.mutableSpan
        return try source.fill(&span, from: 0) == 1 ? byte[0] : nil
    }
}

extension ByteSource {
    /// Reads until `buffer` is full from `filled` on, or the source ends; returns how much is full.
    func fill(_ buffer: inout MutableSpan<UInt8>, from filled: Int) throws(StoreError) -> Int {
        var filled = filled
        while filled < buffer.count {
            let count = try buffer.withPart(filled..<buffer.count) { rest throws(StoreError) in
                do {
                    return try read(into: &rest)
                } catch let error as StoreError {
                    throw error
                } catch {
                    throw StoreError(.inputOutput, "the source failed: \(error)", cause: error)
                }
            }
            guard (0...buffer.count - filled).contains(count) else {
                throw StoreError(
                    .inputOutput,
                    """
                    the source says that it has read \(count) bytes, of \(buffer.count - filled) that were \
                    asked for
                    """)
            }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }
}
