/// The SplitMix64 generator (Steele, Lea and Flood, 2014): any seed will do, so it seeds the others.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// The xoshiro256** generator (Blackman and Vigna, 2018), seeded by `SplitMix64`.
///
/// The same seed gives the same sequence on every machine and in every version. Not for secrets.
public struct Xoshiro256: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        var seeder = SplitMix64(seed: seed)
        self.init(state: (seeder.next(), seeder.next(), seeder.next(), seeder.next()))
    }

    init(state: (UInt64, UInt64, UInt64, UInt64)) {
        self.state = state
    }

    /// Starts one of many unrelated sequences that share a seed.
    public init(seed: UInt64, stream: UInt64) {
        var seeds = SplitMix64(seed: seed)
        var streams = SplitMix64(seed: ~stream)
        self.init(seed: seeds.next() ^ streams.next())
    }

    /// The next 64 bits.
    @inline(__always)
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// A number in [0, 1) with 53 random bits.
    public mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// An index in `0..<count`; the bias is below `count` / 2^64.
    public mutating func nextIndex(below count: Int) -> Int {
        precondition(count > 0, "there is nothing to choose from")
        return Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }
}
