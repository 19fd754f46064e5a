/// The CRC64 of the Blob service: the polynomial 0x9A6C9329AC4BC9B5 with its bits reflected, all ones before and after.
public struct CRC64: Hashable, Sendable {
    private static let polynomial: UInt64 = 0x9A6C_9329_AC4B_C9B5

    /// Eight tables of 256: what a byte does that has 0 to 7 bytes behind it.
    private static let tables: [UInt64] = {
        var tables = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt64(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            tables[byte] = value
        }
        for place in 256..<tables.count {
            let before = tables[place - 256]
            tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    private var state: UInt64 = .max

    /// Of no bytes.
    public init() {}

    /// Takes bytes in.
    public mutating func update(_ bytes: Span<UInt8>) {
        var place = 0
        let tables = Self.tables.span
        var state = state
        while bytes.count - place >= 8 {
            var next = state
            for offset in 0..<8 {
                next ^= UInt64(bytes[place + offset]) << UInt64(8 * offset)
            }
            state = 0
            for offset in 0..<8 {
                let byte = Int(truncatingIfNeeded: next >> UInt64(8 * offset)) & 0xFF
                state ^= tables[(7 - offset) * 256 + byte]
            }
            place += 8
        }
        while place < bytes.count {
            state = state >> 8 ^ tables[Int(state & 0xFF) ^ Int(bytes[place])]
            place += 1
        }
        self.state = state
    }

    /// The value of what was taken in.
    public var value: UInt64 { ~state }

    /// A value as headers and structured bodies have it: 8 bytes, the least significant first.
    public static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    /// The value of such bytes, of at most 8.
    static func value(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
