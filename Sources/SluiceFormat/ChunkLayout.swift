/// Where an object's chunks begin and end: pure arithmetic (FORMAT section 5).
///
/// `index` counts chunks from 0; `offset` counts bytes of the plaintext or, where a name says so,
/// of the blob.
public struct ChunkLayout: Hashable, Sendable {
    /// The size of every chunk but the last.
    public let chunkSize: ChunkSize
    /// The object's plaintext bytes.
    public let byteCount: Int

    /// The layout of `byteCount` bytes, or nil if that is negative or over the format's limits.
    public init?(byteCount: Int, chunkSize: ChunkSize) {
        guard (0...Format.maximumObjectByteCount).contains(byteCount) else { return nil }
        self.byteCount = byteCount
        self.chunkSize = chunkSize
        guard chunkCount <= Self.maximumChunkCount(chunkSize) else { return nil }
    }

    /// The most chunks of this size that an object can have: within ``Format/maximumChunkCount`` and
    /// ``Format/maximumObjectByteCount``.
    public static func maximumChunkCount(_ chunkSize: ChunkSize) -> Int {
        min(Format.maximumChunkCount, Format.maximumObjectByteCount >> Int(chunkSize.exponent))
    }

    /// Chunks of the object: at least 1, for an empty object is one empty final chunk.
    public var chunkCount: Int {
        max(1, (byteCount + chunkSize.byteCount - 1) >> Int(chunkSize.exponent))
    }

    /// The index of the final chunk.
    public var finalIndex: Int { chunkCount - 1 }

    /// The plaintext offset at which a chunk begins.
    public func offset(ofChunk index: Int) -> Int { index << Int(chunkSize.exponent) }

    /// The plaintext bytes of a chunk; only the final one can be shorter than the chunk size.
    public func byteCount(ofChunk index: Int) -> Int {
        index == finalIndex ? byteCount - offset(ofChunk: index) : chunkSize.byteCount
    }

    /// The blob offset of a chunk under ``Codec/raw``.
    public func sealedOffset(ofChunk index: Int) -> Int {
        offset(ofChunk: index) + index * Format.tagByteCount
    }

    /// The bytes of a chunk in the blob when it is stored as it is.
    public func sealedByteCount(ofChunk index: Int) -> Int {
        byteCount(ofChunk: index) + Format.tagByteCount
    }

    /// The bytes of the whole blob under ``Codec/raw``; the most it can have before its table else.
    public var rawStoredByteCount: Int { byteCount + chunkCount * Format.tagByteCount }

    /// The chunks that hold the plaintext bytes of `range`, which lies inside the object.
    public func chunks(covering range: Range<Int>) -> Range<Int> {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "range outside object")
        guard !range.isEmpty else { return 0..<0 }
        let shift = Int(chunkSize.exponent)
        return (range.lowerBound >> shift)..<(((range.upperBound - 1) >> shift) + 1)
    }
}
