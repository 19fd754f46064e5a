/// A chunk's plaintext size: a power of two from 4 KiB to 16 MiB.
public struct ChunkSize: Hashable, Sendable {
    /// The smallest and the largest exponent: 2^12 is 4 KiB, 2^24 is 16 MiB.
    public static let exponents: ClosedRange<UInt8> = 12...24

    /// The chunk size of a put that doesn't name one: 256 KiB (measured; see the DESIGN article).
    public static let standard = ChunkSize(uncheckedExponent: 18)

    /// The power of two, 12 to 24.
    public let exponent: UInt8

    /// The size in bytes.
    public var byteCount: Int { 1 << Int(exponent) }

    /// The size with this exponent, or nil outside 12...24.
    public init?(exponent: UInt8) {
        guard Self.exponents.contains(exponent) else { return nil }
        self.exponent = exponent
    }

    /// The size with this many bytes, or nil unless it is a power of two from 4 KiB to 16 MiB.
    public init?(byteCount: Int) {
        guard byteCount > 0, byteCount & (byteCount - 1) == 0 else { return nil }
        self.init(exponent: UInt8(byteCount.trailingZeroBitCount))
    }

    private init(uncheckedExponent: UInt8) {
        exponent = uncheckedExponent
    }
}
