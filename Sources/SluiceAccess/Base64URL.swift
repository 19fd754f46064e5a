/// Base64 with the alphabet for URLs and without padding (RFC 4648 section 5), as in a JSON Web Key.
package enum Base64URL {
    /// The text of some bytes.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for digit in 0...group.count {
                text.append(alphabet[Int(bits >> (18 - 6 * digit) & 0x3f)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text, which may be padded; nil if it is not base64url.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let count = digits.count - padding
        guard padding == 0 || padding <= 2 && digits.count.isMultiple(of: 4), count % 4 != 1
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3 / 4)
        var bits: UInt32 = 0
        for index in 0..<count {
            guard let value = values[Int(digits[index])] else { return nil }
            bits = bits << 6 | UInt32(value)
            if index % 4 != 0 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * (index % 4))))
            }
        }
        // Bits that mean nothing are none.
        let unused = count % 4 == 0 ? 0 : count % 4 == 2 ? bits & 0xf : bits & 0x3
        return unused == 0 ? bytes : nil
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()
}
