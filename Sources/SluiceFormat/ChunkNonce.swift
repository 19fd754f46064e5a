/// The 96-bit nonces of chunks and table pages (FORMAT section 5): three zero bytes, the index as
/// a 64-bit big-endian number, and a byte of flags.
///
/// That the final flag and the coding are part of the nonce is what makes truncation, extension
/// and a changed coding fail to authenticate.
public enum ChunkNonce {
    static let finalFlag: UInt8 = 1
    static let lz4Flag: UInt8 = 2

    /// The nonce of a chunk.
    public static func chunk(index: Int, isFinal: Bool, isLZ4: Bool) -> [12 of UInt8] {
        nonce(index: index, flags: (isFinal ? finalFlag : 0) | (isLZ4 ? lz4Flag : 0))
    }

    /// The nonce of a page of the chunk table, which is sealed under a key of its own.
    public static func tablePage(index: Int, isFinal: Bool) -> [12 of UInt8] {
        nonce(index: index, flags: isFinal ? finalFlag : 0)
    }

    /// The nonce of a document, whose key is used once.
    public static let document = [12 of UInt8](repeating: 0)

    private static func nonce(index: Int, flags: UInt8) -> [12 of UInt8] {
        var nonce = [12 of UInt8](repeating: 0)
        let number = UInt64(index)
        for place in 0..<8 {
            nonce[3 + place] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (7 - place)))
        }
        nonce[11] = flags
        return nonce
    }
}
