internal import CLZ4
internal import Glibc

/// Compresses blocks with LZ4, one after another, in working memory of its own (16 KiB) that is
/// made once and wiped at the end.
///
/// No block depends on another. One thread at a time.
@safe public struct LZ4Compressor: ~Copyable, @unchecked Sendable {
    private let state: UnsafeMutableRawPointer
    private let stateByteCount: Int

    /// Makes the working memory.
    public init() {
        stateByteCount = Int(LZ4_sizeofState())
        unsafe state = UnsafeMutableRawPointer.allocate(byteCount: stateByteCount, alignment: 64)
    }

    deinit {
        unsafe explicit_bzero(state, stateByteCount)
        unsafe state.deallocate()
    }

    /// Compresses a block, and allocates nothing.
    ///
    /// - Parameters:
    ///   - source: Up to 2,113,929,216 bytes (LZ4's limit).
    ///   - output: As many bytes as the result may take: a caller who wants it to pay offers fewer
    ///     than the source has, and LZ4 stops early when they don't suffice.
    /// - Returns: The compressed length in bytes, or nil when it doesn't fit.
    public mutating func compress(
        _ source: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) -> Int? {
        LZ4.lookUpCalls
        defer { clearVectorRegisters() }
        precondition(source.count <= Int(LZ4_MAX_INPUT_SIZE))
        let byteCount = unsafe source.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { output in
                // The state stands in for the start of an empty source, which has none.
                unsafe LZ4_compress_fast_extState(
                    state, source.baseAddress ?? UnsafeRawPointer(state), output.baseAddress,
                    Int32(source.count), Int32(clamping: output.count), 1)
            }
        }
        return byteCount > 0 ? Int(byteCount) : nil
    }
}
