/// Inputs for parsers: seeds, and what a seeded generator makes of them.
///
/// The same seed gives the same inputs, in every build: what fails can be repeated by its number.
public struct Mutator {
    private let seeds: [[UInt8]]
    private var state: UInt64

    private static let longestByteCount = 8192
    private static let telling: [UInt8] = [0, 1, 0x0F, 0x10, 0x2D, 0x7F, 0x80, 0xC3, 0xFE, 0xFF]
    private static let words = [
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "4294967296", "-1",
        "99999999999999999999", "0", "1e308", "null", "\u{E9}", "e\u{301}", "\u{FFFD}", "\u{202E}",
        "P", "PT", "P99999Y", "/", "//", "https://", "--", "=", "\"", "{", "[", "\\u0000", "\n",
    ].map { Array($0.utf8) }

    /// A generator of inputs from `seeds`, of which there is at least one.
    public init(seeds: [[UInt8]], seed: UInt64) {
        precondition(!seeds.isEmpty, "a mutator needs something to start from")
        self.seeds = seeds
        state = seed
    }

    /// The next input.
    public mutating func next() -> [UInt8] {
        var input = seeds[below(seeds.count)]
        for _ in 0..<below(6) { mutate(&input) }
        return Array(input.prefix(Self.longestByteCount))
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let place = below(input.count + 1)
        switch below(9) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8(below(8))
        case 1 where place < input.count: input[place] = Self.telling[below(Self.telling.count)]
        case 2 where place < input.count: input[place] = UInt8(truncatingIfNeeded: random())
        case 3: input.removeSubrange(place..<min(input.count, place + below(9)))
        case 4: input.insert(contentsOf: (0..<below(9)).map { _ in UInt8(below(256)) }, at: place)
        case 5: input.insert(contentsOf: Self.words[below(Self.words.count)], at: place)
        case 6: input.removeSubrange(place...)
        case 7:
            let other = seeds[below(seeds.count)]
            input.replaceSubrange(place..., with: other.suffix(below(other.count + 1)))
        case 8:
            // A number of eight bytes that is at the end of some range.
            let number: [UInt64] = [0, 1, .max, 1 << 63, 1 << 31, 1 << 53, UInt64(Int.max) - 15]
            let value = number[below(number.count)]
            for index in 0..<min(8, input.count - place) {
                input[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * index))
            }
        default: break
        }
    }

    /// A number from 0 on, below `limit`.
    public mutating func below(_ limit: Int) -> Int {
        limit < 2 ? 0 : Int(random() % UInt64(limit))
    }

    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
