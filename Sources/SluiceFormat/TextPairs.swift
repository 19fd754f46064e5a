/// Names and values, both text: metadata and tags (FORMAT section 7). Names are in ascending order of their bytes,
/// which is not the order of `String`'s `<`.
public enum TextPairs {
    /// The one encoding of these pairs, of which no name is empty.
    public static func encoded(_ pairs: [String: String]) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.integer(UInt16(pairs.count))
        let sorted = pairs.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, value) in sorted {
            writer.counted(name)
            writer.counted(value)
        }
        return writer.bytes
    }

    /// The pairs in bytes that hold nothing else.
    public static func decoded(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> [String: String] {
        var reader = ByteReader(Array(bytes))
        var pairs: [String: String] = [:]
        for _ in 0..<(try reader.integer(UInt16.self)) {
            let name = try reader.countedText("name")
            let value = try reader.countedText("value")
            guard pairs.updateValue(value, forKey: name) == nil else {
                throw .invalidField("order of names")
            }
        }
        try reader.finish()
        return pairs
    }

    /// Whether `isAllowed` holds for each pair, given how many there are and the bytes of its name and its value;
    /// throws unless `place` holds the encoding of pairs, and nothing else. Nothing is copied of plain names.
    static func check(
        _ bytes: Span<UInt8>, _ place: Range<Int>,
        _ isAllowed: (_ entryCount: Int, _ nameByteCount: Int, _ valueByteCount: Int) -> Bool
    ) throws(FormatError) -> Bool {
        var reader = PlaceReader(in: place)
        var last: Range<Int>?
        var names: [Range<Int>] = []
        let entryCount = try reader.integer(2, bytes)
        var areAllowed = entryCount > 0
        for _ in 0..<entryCount {
            let name = try reader.text(bytes, "name")
            if let last, !bytes.extracting(last).precedes(bytes.extracting(name)) {
                throw .invalidField("order of names")
            }
            let value = try reader.text(bytes, "value")
            areAllowed =
                areAllowed && !name.isEmpty && isAllowed(entryCount, name.count, value.count)
            if !name.allSatisfy({ bytes[$0] < 0x80 }) { names.append(name) }
            last = name
        }
        try reader.finish()
        // Two spellings of é differ in bytes and are one key of a dictionary; plain names are not.
        let distinct = Set(
            names.map { String(decoding: $0.map { bytes[$0] }, as: UTF8.self) })
        guard distinct.count == names.count else { throw .invalidField("order of names") }
        return areAllowed
    }
}

/// Finds fields as ``ByteReader`` does, by their places: nothing is copied.
struct PlaceReader {
    /// What was not read yet.
    private(set) var rest: Range<Int>

    init(in place: Range<Int>) {
        rest = place
    }

    mutating func fixed(_ count: Int) throws(FormatError) -> Range<Int> {
        guard rest.count >= count else { throw .truncated }
        let place = rest.lowerBound..<rest.lowerBound + count
        rest = place.upperBound..<rest.upperBound
        return place
    }

    mutating func integer(_ count: Int, _ bytes: Span<UInt8>) throws(FormatError) -> Int {
        try fixed(count).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    mutating func counted(_ bytes: Span<UInt8>) throws(FormatError) -> Range<Int> {
        try fixed(integer(2, bytes))
    }

    mutating func text(
        _ bytes: Span<UInt8>, _ field: String
    ) throws(FormatError) -> Range<Int> {
        let place = try counted(bytes)
        guard bytes.isText(place) else { throw .invalidField(field) }
        return place
    }

    /// The version that documents begin with.
    mutating func version(_ bytes: Span<UInt8>) throws(FormatError) {
        let version = try integer(1, bytes)
        guard version == Int(Format.version) else { throw .unknownVersion(UInt8(version)) }
    }

    /// Throws ``FormatError/trailingBytes`` unless everything was read.
    func finish() throws(FormatError) {
        guard rest.isEmpty else { throw .trailingBytes }
    }
}

extension Span<UInt8> {
    /// Whether the bytes in `place` are UTF-8.
    func isText(_ place: Range<Int>) -> Bool {
        (try? UTF8Span(validating: extracting(place))) != nil
    }

    /// Whether they come before others, in the order of bytes.
    func precedes(_ other: Span<UInt8>) -> Bool {
        for place in 0..<Swift.min(count, other.count) where self[place] != other[place] {
            return self[place] < other[place]
        }
        return count < other.count
    }
}
