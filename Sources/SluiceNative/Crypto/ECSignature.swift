/// A signature of ECDSA in its two forms: r and s one after the other, each as long as the curve's coordinates, as JSON
/// Web Signatures have it; and in DER, as OpenSSL has it: a sequence of two integers.
enum ECSignature {
    private static let sequence: UInt8 = 0x30
    private static let integer: UInt8 = 0x02

    /// In DER.
    static func encoded(_ raw: [UInt8]) -> [UInt8] {
        let half = raw.count / 2
        let contents = integer(raw[..<half]) + integer(raw[half...])
        // Of the longest, with P-521, a byte more says how long it is.
        return (contents.count < 0x80 ? [sequence] : [sequence, 0x81]) + [UInt8(contents.count)]
            + contents
    }

    /// r and s, each of so many bytes; nil if the other form is none.
    static func raw(_ encoded: ArraySlice<UInt8>, _ byteCount: Int) -> [UInt8]? {
        var rest = encoded
        guard rest.popFirst() == sequence, let first = rest.popFirst(),
            first == 0x81 ? rest.popFirst() != nil : first < 0x80
        else { return nil }
        var raw: [UInt8] = []
        for _ in 0..<2 {
            guard rest.popFirst() == integer, let count = rest.popFirst(), count <= rest.count
            else { return nil }
            let digits = rest.prefix(Int(count)).drop { $0 == 0 }
            rest = rest.dropFirst(Int(count))
            guard digits.count <= byteCount else { return nil }
            raw += [UInt8](repeating: 0, count: byteCount - digits.count) + digits
        }
        return rest.isEmpty ? raw : nil
    }

    private static func integer(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(number.drop { $0 == 0 })
        // The first bit is the sign's.
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return [integer, UInt8(digits.count)] + digits
    }
}
