internal import Sluice
internal import TestSupport

/// The bytes that a number stands for: it is in the first eight of them, and all others follow from it.
enum Content {
    private static let block: [UInt8] = {
        var random = Randomness(seed: 0x5EED)
        return (0..<16_384).flatMap { _ in bytes(of: random.next()) }
    }()

    /// One in eight is a file of its own in the store, the others are in the catalog.
    static func byteCount(_ number: Int) -> Int {
        let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        return mixed >> 61 == 0 ? 66_000 + number % 4001 : 8 + number % 1500
    }

    static func bytes(_ number: Int) -> [UInt8] {
        let start = number % 60_000
        return bytes(of: UInt64(number)) + block[start..<start + byteCount(number) - 8]
    }

    /// The number that bytes stand for; nil if they are not whole.
    static func number(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 8 else { return nil }
        let number = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: number), self.bytes(number) == bytes else { return nil }
        return number
    }

    /// A scope for which some are sealed, where a mix has it; their names are in the default scope.
    static let sealing: ScopeName = "sealing"

    /// How it is put.
    static func options(
        _ number: Int, _ condition: Condition, isSealedElsewhere: Bool = false
    ) -> PutOptions {
        var options = PutOptions()
        if isSealedElsewhere {
            options.encryptionScope = sealing
            // Its metadata are not told by a rename, nor by a snapshot.
            options.properties.tags = [key: String(number)]
        }
        options.chunkByteCount = 4096
        options.compression = number % 3 == 0 ? .lz4 : .none
        options.condition = condition
        options.metadata = [key: String(number)]
        return options
    }

    /// The number that an object's metadata tell, which a copy takes along.
    static func number(of info: ObjectInfo) -> Int? {
        let said = info.isMetadataSealed ? info.properties.tags : info.metadata
        return said[key].flatMap { Int($0) }
    }

    private static let key = "content"

    private static func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
    }
}

extension EntityTag {
    /// A number that stands for the tag.
    var number: Int { Int(UInt64(description.prefix(16), radix: 16).map { $0 >> 1 } ?? 0) }
}
