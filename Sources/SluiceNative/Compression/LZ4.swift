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
