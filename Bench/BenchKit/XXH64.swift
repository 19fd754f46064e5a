/// The XXH64 checksum (xxHash specification 0.1.1), so that `xxhsum -H64` can check a manifest too.
///
/// Finds accidents, not attackers.
public struct XXH64: Sendable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var tail: [UInt8] = []
    private var byteCount = 0

    /// The checksum of no bytes yet, with the seed 0.
    public init() {
        lanes = (Self.prime1 &+ Self.prime2, Self.prime2, 0, 0 &- Self.prime1)
    }

    /// Takes more bytes; every part but the last is a multiple of 32 bytes long.
    public mutating func update(_ bytes: Span<UInt8>) {
        precondition(tail.isEmpty, "only the last part may have a ragged end")
        var lanes = self.lanes
        for stripe in 0..<bytes.count / 32 {
            let index = stripe * 32
            lanes.0 = Self.round(lanes.0, Self.word(bytes, index))
            lanes.1 = Self.round(lanes.1, Self.word(bytes, index + 8))
            lanes.2 = Self.round(lanes.2, Self.word(bytes, index + 16))
            lanes.3 = Self.round(lanes.3, Self.word(bytes, index + 24))
        }
        self.lanes = lanes
        for index in bytes.count & ~31..<bytes.count { tail.append(bytes[index]) }
        byteCount += bytes.count
    }

    /// The checksum of all bytes so far.
    public var digest: UInt64 {
        var hash = byteCount < 32 ? Self.prime5 : joinedLanes
        hash &+= UInt64(byteCount)
        var index = 0
        while index + 8 <= tail.count {
            hash ^= Self.round(0, Self.word(tail.span, index))
            hash = Self.rotate(hash, 27) &* Self.prime1 &+ Self.prime4
            index += 8
        }
        if index + 4 <= tail.count {
            let half = (0..<4).reduce(UInt64(0)) { $0 | UInt64(tail[index + $1]) << (8 * $1) }
            hash ^= half &* Self.prime1
            hash = Self.rotate(hash, 23) &* Self.prime2 &+ Self.prime3
            index += 4
        }
        for byte in tail[index...] {
            hash ^= UInt64(byte) &* Self.prime5
            hash = Self.rotate(hash, 11) &* Self.prime1
        }
        hash = (hash ^ hash >> 33) &* Self.prime2
        hash = (hash ^ hash >> 29) &* Self.prime3
        return hash ^ hash >> 32
    }

    /// The checksum of `bytes`.
    public static func digest(of bytes: Span<UInt8>) -> UInt64 {
        var checksum = XXH64()
        checksum.update(bytes)
        return checksum.digest
    }

    // MARK: - Arithmetic

    private var joinedLanes: UInt64 {
        var hash = Self.rotate(lanes.0, 1) &+ Self.rotate(lanes.1, 7)
        hash &+= Self.rotate(lanes.2, 12) &+ Self.rotate(lanes.3, 18)
        for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
            hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
        }
        return hash
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ bits: UInt64, _ count: UInt64) -> UInt64 {
        bits << count | bits >> (64 - count)
    }

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
        // The highest index first, so that one bounds check and one load remain.
        var word = UInt64(bytes[index + 7]) << 56
        word |= UInt64(bytes[index]) | UInt64(bytes[index + 1]) << 8
        word |= UInt64(bytes[index + 2]) << 16 | UInt64(bytes[index + 3]) << 24
        word |= UInt64(bytes[index + 4]) << 32 | UInt64(bytes[index + 5]) << 40
        word |= UInt64(bytes[index + 6]) << 48
        return word
    }
}
