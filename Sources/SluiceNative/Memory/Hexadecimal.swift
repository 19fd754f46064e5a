private let digits = Array("0123456789abcdef".utf8)

extension String {
    /// Bytes as text: two digits each, in lower case.
    public init(hexadecimal bytes: [UInt8]) {
        let digits = digits
        var text = [UInt8](repeating: 0, count: 2 * bytes.count)
        for (place, byte) in bytes.enumerated() {
            text[2 * place] = digits[Int(byte >> 4)]
            text[2 * place + 1] = digits[Int(byte & 15)]
        }
        self.init(decoding: text, as: UTF8.self)
    }
}
