internal import CLZ4

/// Why LZ4 bytes couldn't be decompressed.
public enum LZ4Error: Error, Equatable {
    /// The bytes aren't an LZ4 block, or not one of exactly the length asked for.
    case malformed
}

/// LZ4's block format.
public enum LZ4 {
    /// The version of the library in use, such as `1.9.4`.
    public static var version: String {
        unsafe String(cString: LZ4_versionString())
    }

    /// Has the dynamic linker look up what the library calls, with bytes that are no secret. Where a function
    /// is called for the first time it saves the vector registers on the stack, for good: in the midst of a
    /// block they would hold content.
    static let lookUpCalls: Void = {
        let bytes = [UInt8](0..<64)
        var block = [UInt8](repeating: 0, count: 2 * bytes.count)
        var plain = block
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe block.withUnsafeMutableBytes { block in
                unsafe plain.withUnsafeMutableBytes { plain in
                    // By way of the function that `LZ4Compressor` calls.
                    let byteCount = unsafe LZ4_compress_default(
                        bytes.baseAddress, block.baseAddress, Int32(bytes.count),
                        Int32(block.count))
                    unsafe _ = LZ4_decompress_safe(
                        block.baseAddress, plain.baseAddress, byteCount, Int32(bytes.count))
                }
            }
        }
    }()

    /// Decompresses a block that must fill `output` exactly.
    ///
    /// Whatever the bytes, nothing outside the two spans is touched. After an error, `output`
    /// holds bytes of no meaning. Safe from any thread; allocates nothing.
    ///
    /// - Throws: `LZ4Error.malformed` when the block is damaged, or longer or shorter than
    ///   `output`.
    public static func decompress(
        _ source: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) throws(LZ4Error) {
        lookUpCalls
        defer { clearVectorRegisters() }
        precondition(source.count <= Int32.max && output.count <= Int32.max)
        let byteCount = unsafe source.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { output in
                unsafe LZ4_decompress_safe(
                    source.baseAddress, output.baseAddress, Int32(source.count),
                    Int32(output.count))
            }
        }
        guard Int(byteCount) == output.count else { throw .malformed }
    }
}
