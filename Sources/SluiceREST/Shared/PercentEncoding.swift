/// Percent-encoding of addresses (RFC 3986 section 2.1).
public enum PercentEncoding {
    /// What a text spells; nil if that isn't UTF-8, holds a NUL, or an escape is cut short.
    ///
    /// - Parameter plusIsSpace: Whether `+` is a space, as in forms; in addresses it is itself.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = source.next().flatMap(digit),
                    let low = source.next().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The name and value pairs of a query or of a form; nil if one can't be decoded.
    public static func pairs(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(sides[0], plusIsSpace: plusIsSpace),
                let value = sides.count > 1 ? decode(sides[1], plusIsSpace: plusIsSpace) : ""
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
