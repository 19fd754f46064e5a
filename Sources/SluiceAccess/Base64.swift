/// Base64 (RFC 4648), with either alphabet.
package enum Base64 {
    private static let common = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standard = common + Array("+/".utf8)
    private static let forURLs = common + Array("-_".utf8)

    /// With `+`, `/` and padding: as storage keys and checksums are written.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, standard, isPadded: true)
    }

    /// With `-` and `_`, and without padding (section 5): as a JSON Web Key has it.
    package static func encodeForURL(_ bytes: [UInt8]) -> String {
        encode(bytes, forURLs, isPadded: false)
    }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], isPadded: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for digit in 0...group.count {
                text.append(alphabet[Int(bits >> (18 - 6 * digit) & 0x3F)])
            }
            if isPadded {
                for _ in group.count..<3 { text.append(UInt8(ascii: "=")) }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that a text of either alphabet spells, padded or not; nil for anything else.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var digits = Array(text.utf8)
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var (bits, bitCount) = (UInt32(0), 0)
        for digit in digits {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        // Two texts of the same bytes would be two signatures of one message.
        guard bits & (1 << UInt32(bitCount) - 1) == 0 else { return nil }
        return bytes
    }

    /// The bytes that a text of the alphabet for URLs spells, which may be padded, but only as it should be; nil for
    /// anything else.
    package static func decodeForURL(_ text: String) -> [UInt8]? {
        let paddingCount = text.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let isPaddedWell =
            paddingCount == 0 || paddingCount <= 2 && text.utf8.count.isMultiple(of: 4)
        guard isPaddedWell, !text.utf8.contains(where: { standard.suffix(2).contains($0) })
        else { return nil }
        return decode(text)
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
