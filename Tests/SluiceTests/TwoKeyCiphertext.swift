import SluiceNative

/// A ciphertext that AES-256-GCM opens under two keys, each to bytes of its own.
///
/// The tag is linear in the ciphertext's blocks for each key, so all blocks but one can be chosen, and the
/// one solved for that makes both tags equal.
struct TwoKeyCiphertext {
    /// The ciphertext and the tag.
    let sealed: [UInt8]

    /// Makes one whose plaintext has `byteCount` bytes, a multiple of 16, by what seals under each key.
    init(byteCount: Int, nonce: [12 of UInt8], _ ciphers: [Cipher]) throws {
        precondition(byteCount % 16 == 0 && ciphers.count == 2)
        var blocks = (0..<byteCount / 16).map { Block(high: UInt64($0) &* 77, low: 5) }
        let length = Block(high: 0, low: UInt64(8 * byteCount))
        var masks: [Block] = []
        var keys: [Block] = []
        for cipher in ciphers {
            // Without any bytes, the tag is the mask; with a zero block of associated data, it is that and
            // the length times the hash key.
            let mask = try Block(cipher([], nonce, []))
            let withLength = try Block(cipher([], nonce, [UInt8](repeating: 0, count: 16)))
            masks.append(mask)
            keys.append((withLength + mask) * Block(high: 128, low: 0).inverse)
        }
        // The last block is multiplied by the hash key's square.
        blocks[blocks.count - 1] = Block()
        let sums = (0..<2).map { index in
            var sum = Block()
            for block in blocks + [length] { sum = (sum + block) * keys[index] }
            return sum + masks[index]
        }
        let squares = keys.map { $0 * $0 }
        blocks[blocks.count - 1] = (sums[0] + sums[1]) * (squares[0] + squares[1]).inverse
        let tag = sums[0] + blocks[blocks.count - 1] * squares[0]
        sealed = (blocks + [tag]).flatMap(\.bytes)
    }

    /// Seals a plaintext with a nonce and associated data.
    typealias Cipher = (_ plain: [UInt8], _ nonce: [12 of UInt8], _ data: [UInt8]) throws -> [UInt8]
}

/// An element of GCM's field of 2^128 elements: its first bit is the highest of `high`.
private struct Block: Equatable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    init(_ bytes: [UInt8]) {
        for byte in bytes[..<8] { high = high << 8 | UInt64(byte) }
        for byte in bytes[8..<16] { low = low << 8 | UInt64(byte) }
    }

    var bytes: [UInt8] {
        [high, low].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    static func + (left: Block, right: Block) -> Block {
        Block(high: left.high ^ right.high, low: left.low ^ right.low)
    }

    static func * (left: Block, right: Block) -> Block {
        var product = Block()
        var factor = right
        for bit in 0..<128 {
            let word = bit < 64 ? left.high : left.low
            if word >> UInt64(63 - bit % 64) & 1 == 1 { product = product + factor }
            let carry = factor.low & 1
            factor.low = factor.low >> 1 | factor.high << 63
            factor.high >>= 1
            if carry == 1 { factor.high ^= 0xe1 << 56 }
        }
        return product
    }

    /// By Fermat: the element to the power of 2^128 − 2.
    var inverse: Block {
        var power = self
        var inverse = Block(high: 1 << 63)
        for _ in 1..<128 {
            power = power * power
            inverse = inverse * power
        }
        return inverse
    }
}
