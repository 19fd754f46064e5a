private let digits = Array("0123456789abcdef".utf8)

extension String {
    /// Bytes as text: two digits each, in lower case.
    public init(hexadecimal bytes: [UInt8]) {
        let digits = digits
        let text = [UInt8](filling: 2 * bytes.count) { text in
            for (place, byte) in bytes.enumerated() {
                text[2 * place] = digits[Int(byte >> 4)]
                text[2 * place + 1] = digits[Int(byte & 15)]
            }
        }
        self.init(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// The bytes that a text of hex digits, two each and in either case, spells; nil if it is anything else.
    public init?(hexadecimal text: String) {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for place in stride(from: 0, to: text.count, by: 2) {
            guard let high = Self.value(ofDigit: text[place]),
                let low = Self.value(ofDigit: text[place + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }

    /// Unlike `UInt8(_:radix:)`, which takes a sign for a digit: `+f` is no byte.
    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
