import SluiceFormat

/// Random values that are the same in every run.
struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func text(upTo limit: Int) -> String {
        let alphabet: [Character] = ["a", "b", "/", "é", "e", "\u{301}", "\u{0}", "𝄞", ".", "Z"]
        return String(
            (0..<Int.random(in: 0...limit, using: &self)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &self)]
            })
    }

    /// As many pairs as `count` allows, or fewer.
    mutating func pairs(_ count: ClosedRange<Int>) -> [String: String] {
        var pairs: [String: String] = [:]
        for _ in 0..<Int.random(in: count, using: &self) {
            pairs["k" + text(upTo: 5)] = text(upTo: 20)
        }
        return pairs
    }

    /// Some extended attributes of a file, or none.
    mutating func attributes() -> [[UInt8]: [UInt8]] {
        var attributes: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let name = bytes(Int.random(in: 1...20, using: &self)).map { max($0, 1) }
            attributes[name] = bytes(Int.random(in: 0...30, using: &self))
        }
        return attributes
    }

    /// Some properties of an object, each as a document has it.
    mutating func properties() -> [ObjectProperty: [UInt8]] {
        var properties: [ObjectProperty: [UInt8]] = [:]
        for property in ObjectProperty.allCases where Bool.random(using: &self) {
            properties[property] =
                switch property {
                case .contentMD5, .removal: bytes(16)
                case .providedKey: bytes(48)
                case .sequenceNumber: [0x7F] + bytes(7)
                case .tier: [UInt8.random(in: 1...4, using: &self)]
                case .tags: TextPairs.encoded(pairs(1...3))
                case .file:
                    FileNote(
                        kind: .regular, isSettled: .random(using: &self),
                        mode: .random(in: 0...0o7777, using: &self),
                        ownerID: .random(in: 0 ... .max, using: &self),
                        groupID: .random(in: 0 ... .max, using: &self),
                        modifiedSeconds: Int64(truncatingIfNeeded: next()),
                        modifiedNanoseconds: .random(in: 0..<1_000_000_000, using: &self),
                        attributes: attributes(), link: Bool.random(using: &self) ? bytes(16) : nil
                    ).encoded()
                default: Array(("t" + text(upTo: 10)).utf8)
                }
        }
        return properties
    }
}
