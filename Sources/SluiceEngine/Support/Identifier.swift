internal import SluiceFormat
internal import SluiceNative

extension [UInt8] {
    /// The 16 bytes of an identifier that a text spells, such as a blob's name or an entity tag; nil if it spells
    /// none.
    init?(identifier text: String) {
        guard text.utf8.count == 2 * Format.identifierByteCount else { return nil }
        self.init(hexadecimal: text)
    }
}
