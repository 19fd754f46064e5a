/// What is sealed of an object besides its bytes (FORMAT section 7).
public struct ObjectDocument: Equatable, Sendable {
    /// The object's name, in UTF-8.
    public var name: [UInt8]
    /// The content type, possibly empty.
    public var contentType: String
    /// When the object's bytes were put, in milliseconds since 1970.
    public var modifiedMilliseconds: Int
    /// User metadata. Keys are unique and, when encoded, in ascending order of their bytes.
    public var metadata: [String: String]

    /// A document with these fields.
    public init(
        name: [UInt8], contentType: String, modifiedMilliseconds: Int, metadata: [String: String]
    ) {
        self.name = name
        self.contentType = contentType
        self.modifiedMilliseconds = modifiedMilliseconds
        self.metadata = metadata
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 32 + name.count + contentType.utf8.count)
        writer.integer(Format.version)
        writer.counted(name)
        writer.counted(contentType)
        writer.integer(Int64(modifiedMilliseconds))
        writer.integer(UInt16(metadata.count))
        for (key, value) in metadata.sorted(by: { Self.precedes($0.key, $1.key) }) {
            writer.counted(key)
            writer.counted(value)
        }
        return writer.bytes
    }

    /// The document in `bytes`; there is one encoding of each, and any other is refused.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard version == Format.version else { throw .unknownVersion(version) }
        name = Array(try reader.counted())
        contentType = try reader.countedText("content type")
        modifiedMilliseconds = Int(try reader.integer(Int64.self))
        metadata = [:]
        var last: String?
        for _ in 0..<(try reader.integer(UInt16.self)) {
            let key = try reader.countedText("metadata key")
            if let last, !Self.precedes(last, key) { throw .invalidField("metadata order") }
            // Keys that differ in bytes can be one to a dictionary of strings: é has two spellings.
            let value = try reader.countedText("metadata value")
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw .invalidField("metadata order")
            }
            last = key
        }
        try reader.finish()
        try checkLimits()
    }

    /// The limits of section 10 hold for readers, too.
    private func checkLimits() throws(FormatError) {
        guard (1...Format.maximumNameByteCount).contains(name.count) else {
            throw .invalidField("name")
        }
        guard contentType.utf8.count <= Format.maximumContentTypeByteCount else {
            throw .invalidField("content type")
        }
        let metadataByteCount = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard metadataByteCount <= Format.maximumMetadataByteCount, metadata[""] == nil else {
            throw .invalidField("metadata")
        }
    }

    /// Byte order, which is not the order of `String`'s `<`.
    private static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

/// What is sealed of a directory: its path (FORMAT section 7).
public struct DirectoryDocument: Equatable, Sendable {
    /// The path, in UTF-8, up to and including its last `/`.
    public var path: [UInt8]

    /// A document with this path.
    public init(path: [UInt8]) {
        self.path = path
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 3 + path.count)
        writer.integer(Format.version)
        writer.counted(path)
        return writer.bytes
    }

    /// The document in `bytes`.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard version == Format.version else { throw .unknownVersion(version) }
        path = Array(try reader.counted())
        try reader.finish()
    }
}
