internal import SluiceFormat
internal import SluiceNative

/// Decides which chunks are worth an attempt to compress.
///
/// After a run of chunks that didn't shrink, the next are stored as they are for a while, twice as
/// long each time, so that bytes that can't be compressed cost next to nothing.
struct CompressionPace: Sendable {
    private var failureCount = 0
    private var pauseCount = 0

    /// Failures in a row before the first pause.
    private static let patience = 4
    /// The longest pause, in chunks.
    private static let longestPause = 64

    /// Whether to attempt the next chunk.
    mutating func isDue() -> Bool {
        guard pauseCount > 0 else { return true }
        pauseCount -= 1
        return false
    }

    /// Notes how an attempt went.
    mutating func note(shrank: Bool) {
        if shrank {
            failureCount = 0
        } else {
            failureCount += 1
            if failureCount >= Self.patience {
                pauseCount = min(Self.longestPause, 1 << (failureCount - Self.patience + 1))
            }
        }
    }

    /// The most bytes that an LZ4 block of `byteCount` bytes may have to be worth its while: an
    /// eighth must be saved.
    static func blockLimit(_ byteCount: Int) -> Int { byteCount - byteCount / 8 - 1 }
}

extension LZ4Compressor {
    /// Compresses a chunk if it is due; the block's length in `block`, or nil if the chunk is to be
    /// stored as it is.
    mutating func compress(
        _ chunk: Span<UInt8>, into block: inout WorkBuffer, _ pace: inout CompressionPace
    ) -> Int? {
        let limit = CompressionPace.blockLimit(chunk.count)
        guard limit > 0, pace.isDue() else { return nil }
        let byteCount = block.withMutableBytes(0..<limit) { room in
            compress(chunk, into: &room)
        }
        pace.note(shrank: byteCount != nil)
        return byteCount
    }
}
