/// Random values that follow from a seed.
struct DamageRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, trial: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(trial) &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(1, limit), using: &self) }
}

/// A kind of damage to a file.
enum Damage: CaseIterable {
    case bit, bytes, zeroedPage, randomPage, exchangedPages, copiedPage, cut, extended, emptied

    private static let page = 4096

    func callAsFunction(_ file: inout [UInt8], _ random: inout DamageRandom) {
        guard !file.isEmpty else {
            file = (0..<1 + random.below(100)).map { _ in UInt8(random.below(256)) }
            return
        }
        func pageRange() -> Range<Int> {
            let start = random.below((file.count + Self.page - 1) / Self.page) * Self.page
            return start..<min(file.count, start + Self.page)
        }
        switch self {
        case .bit: file[random.below(file.count)] ^= 1 << UInt8(random.below(8))
        case .bytes:
            let start = random.below(file.count)
            for place in start..<min(file.count, start + 1 + random.below(64)) {
                file[place] = UInt8(random.below(256))
            }
        case .zeroedPage: for place in pageRange() { file[place] = 0 }
        case .randomPage: for place in pageRange() { file[place] = UInt8(random.below(256)) }
        case .exchangedPages, .copiedPage:
            let (first, second) = (pageRange(), pageRange())
            guard first.count == second.count else { return }
            let kept = Array(file[first])
            file.replaceSubrange(first, with: Array(file[second]))
            if self == .exchangedPages { file.replaceSubrange(second, with: kept) }
        case .cut: file.removeLast(1 + random.below(file.count))
        case .extended:
            file += (0..<1 + random.below(2 * Self.page)).map { _ in UInt8(random.below(256)) }
        case .emptied: file = []
        }
    }
}
