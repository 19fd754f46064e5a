extension ObjectDocument {
    /// Where the name begins in the bytes of a document: behind the version and the name's length.
    public static let nameOffset = 3

    /// Where the name is in the bytes of a document, which ``init(decoding:)`` would take; throws if it
    /// wouldn't.
    ///
    /// Nothing is copied: what nobody asks for leaves no trace in memory.
    public static func place(ofNameIn bytes: Span<UInt8>) throws(FormatError) -> Range<Int> {
        var reader = PlaceReader(byteCount: bytes.count)
        let version = try reader.integer(1, bytes)
        guard version == Int(Format.version) else { throw .unknownVersion(UInt8(version)) }
        let name = try reader.counted(bytes)
        let contentType = try reader.text(bytes, "content type")
        _ = try reader.fixed(8)
        try checkMetadata(bytes, &reader)
        guard reader.offset == bytes.count else { throw .trailingBytes }
        guard (1...Format.maximumNameByteCount).contains(name.count) else {
            throw .invalidField("name")
        }
        guard contentType.count <= Format.maximumContentTypeByteCount else {
            throw .invalidField("content type")
        }
        return name
    }

    private static func checkMetadata(
        _ bytes: Span<UInt8>, _ reader: inout PlaceReader
    ) throws(FormatError) {
        var last: Range<Int>?
        var byteCount = 0
        var isPlain = true
        let entryCount = try reader.integer(2, bytes)
        for _ in 0..<entryCount {
            let key = try reader.text(bytes, "metadata key")
            if let last, !precedes(bytes.extracting(last), bytes.extracting(key)) {
                throw .invalidField("metadata order")
            }
            let value = try reader.text(bytes, "metadata value")
            byteCount += key.count + value.count
            guard !key.isEmpty else { throw .invalidField("metadata") }
            isPlain = isPlain && key.allSatisfy { bytes[$0] < 0x80 }
            last = key
        }
        guard byteCount <= Format.maximumMetadataByteCount else { throw .invalidField("metadata") }
        // Two spellings of é differ in bytes and are one key of a dictionary; plain keys are not.
        if !isPlain, entryCount > 1 {
            _ = try ObjectDocument(decoding: bytes.indices.map { bytes[$0] })
        }
    }

    private static func precedes(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        for place in 0..<min(a.count, b.count) where a[place] != b[place] {
            return a[place] < b[place]
        }
        return a.count < b.count
    }
}

/// Finds fields as ``ByteReader`` does, by their places.
private struct PlaceReader {
    let byteCount: Int
    var offset = 0

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    mutating func fixed(_ count: Int) throws(FormatError) -> Range<Int> {
        guard byteCount - offset >= count else { throw .truncated }
        defer { offset += count }
        return offset..<offset + count
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
        do {
            _ = try UTF8Span(validating: bytes.extracting(place))
        } catch {
            throw .invalidField(field)
        }
        return place
    }
}
