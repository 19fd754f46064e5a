/// Extended attributes of a file, as a note has them (FORMAT section 7): names and values, both bytes of any kind. Names
/// are in ascending order.
public enum FileAttributes {
    /// Whether a note can have attributes of these sizes: each name's, and all names and values together.
    public static func arePossible(_ attributes: [[UInt8]: [UInt8]]) -> Bool {
        attributes.keys.allSatisfy { isName($0.span, $0.indices) }
            && byteCount(of: attributes) <= Format.maximumAttributesByteCount
    }

    /// The bytes of all names and values.
    public static func byteCount(of attributes: [[UInt8]: [UInt8]]) -> Int {
        attributes.reduce(0) { $0 + $1.key.count + $1.value.count }
    }

    /// Appends the one encoding of attributes that are possible.
    static func encode(_ attributes: [[UInt8]: [UInt8]], to writer: inout ByteWriter) {
        writer.integer(UInt16(attributes.count))
        let sorted = attributes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (name, value) in sorted {
            writer.counted(name)
            writer.counted(value)
        }
    }

    /// Reads what ``check(_:_:)`` allows.
    static func decode(
        from reader: inout ByteReader
    ) throws(FormatError) -> [[UInt8]: [UInt8]] {
        var attributes: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<(try reader.integer(UInt16.self)) {
            let name = Array(try reader.counted())
            attributes[name] = Array(try reader.counted())
        }
        return attributes
    }

    /// Passes over attributes; throws unless they are possible, at least one, and encoded as they are to be.
    static func check(
        _ bytes: Span<UInt8>, _ reader: inout PlaceReader
    ) throws(FormatError) {
        var last: Range<Int>?
        var byteCount = 0
        let attributeCount = try reader.integer(2, bytes)
        for _ in 0..<attributeCount {
            let name = try reader.counted(bytes)
            if let last, !bytes.extracting(last).precedes(bytes.extracting(name)) {
                throw .invalidField("order of names")
            }
            guard isName(bytes, name) else { throw .invalidField("name") }
            byteCount += name.count + (try reader.counted(bytes)).count
            last = name
        }
        guard attributeCount > 0, byteCount <= Format.maximumAttributesByteCount else {
            throw .invalidField("attributes")
        }
    }

    private static func isName(_ bytes: Span<UInt8>, _ place: Range<Int>) -> Bool {
        1...Format.maximumAttributeNameByteCount ~= place.count
            && place.allSatisfy { bytes[$0] != 0 }
    }
}
