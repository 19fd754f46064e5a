/// What is sealed of an object besides its bytes and its metadata (FORMAT section 7).
public struct ObjectDocument: Equatable, Sendable {
    /// The object's name, in UTF-8.
    public var name: [UInt8]
    /// When the object's bytes were put, in milliseconds since 1970.
    public var createdMilliseconds: Int
    /// When its entity tag was drawn: its bytes, or most properties or the metadata, were changed.
    public var modifiedMilliseconds: Int
    /// Those of its properties that it has, each as the bytes that section 7 gives; none is empty.
    public var properties: [ObjectProperty: [UInt8]]

    /// A document with these fields.
    public init(
        name: [UInt8], createdMilliseconds: Int, modifiedMilliseconds: Int,
        properties: [ObjectProperty: [UInt8]]
    ) {
        self.name = name
        self.createdMilliseconds = createdMilliseconds
        self.modifiedMilliseconds = modifiedMilliseconds
        self.properties = properties
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + name.count)
        writer.integer(Format.version)
        writer.counted(name)
        writer.integer(Int64(createdMilliseconds))
        writer.integer(Int64(modifiedMilliseconds))
        writer.integer(UInt8(properties.count))
        // In ascending order of their codes: most objects have one or none.
        for property in ObjectProperty.allCases {
            guard let value = properties[property] else { continue }
            writer.integer(property.rawValue)
            writer.counted(value)
        }
        return writer.bytes
    }

    /// The document in `bytes`; there is one encoding of each, and any other is refused.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        _ = try Self.places(in: bytes.span)
        var reader = ByteReader(bytes)
        _ = try reader.integer(UInt8.self)
        name = Array(try reader.counted())
        createdMilliseconds = Int(try reader.integer(Int64.self))
        modifiedMilliseconds = Int(try reader.integer(Int64.self))
        properties = [:]
        for _ in 0..<(try reader.integer(UInt8.self)) {
            let code = try reader.integer(UInt8.self)
            guard let property = ObjectProperty(rawValue: code) else { throw .unknownVersion(code) }
            properties[property] = Array(try reader.counted())
        }
    }

    /// Where the name begins in the bytes of a document: behind the version and the name's length.
    public static let nameOffset = 3

    /// Where fields are in the bytes of a document.
    public struct Places: Equatable, Sendable {
        /// The name.
        public let name: Range<Int>
        /// What is said of a provided key; nil if nothing is.
        public let providedKey: Range<Int>?
    }

    /// Where fields are in the bytes of a document, which is checked whole: throws unless it is the one encoding of its
    /// fields.
    ///
    /// Nothing is copied: what nobody asks for leaves no trace in memory.
    public static func places(in bytes: Span<UInt8>) throws(FormatError) -> Places {
        var reader = PlaceReader(in: 0..<bytes.count)
        try reader.version(bytes)
        let name = try reader.counted(bytes)
        _ = try reader.fixed(16)
        var providedKey: Range<Int>?
        var last = 0
        for _ in 0..<(try reader.integer(1, bytes)) {
            let code = try reader.integer(1, bytes)
            guard code > last else { throw .invalidField("property order") }
            last = code
            let value = try reader.counted(bytes)
            guard let property = ObjectProperty(rawValue: UInt8(code)) else {
                throw .unknownVersion(UInt8(code))
            }
            try property.check(bytes, value)
            if property == .providedKey { providedKey = value }
        }
        try reader.finish()
        guard VersionName.isStored(bytes, name) else { throw .invalidField("name") }
        return Places(name: name, providedKey: providedKey)
    }
}

/// What an object is said to be, besides its name and times: the code by which the document has it.
public enum ObjectProperty: UInt8, Sendable, CaseIterable {
    case contentType = 1
    case contentEncoding = 2
    case contentLanguage = 3
    case contentDisposition = 4
    case cacheControl = 5
    /// The MD5 of the bytes, as whoever put them says.
    case contentMD5 = 6
    /// One byte, 1 to 4.
    case tier = 7
    case tags = 8
    /// What the file was that the object was put from (``FileNote``).
    case file = 9
    /// Of a version: when it was removed, and when it goes for good (``RemovalNote``).
    case removal = 10
    /// Of an object that is sealed with a provided key: the key's SHA-256, and the id of the encryption scope, which nothing else
    /// proves to who hasn't the key.
    case providedKey = 13
    /// A number that whoever changes the object counts: 8 bytes, up to 2^63 - 1.
    case sequenceNumber = 14

    fileprivate func check(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(FormatError) {
        let isValid =
            switch self {
            case .contentType, .contentEncoding, .contentLanguage, .contentDisposition,
                .cacheControl:
                1...Format.maximumPropertyByteCount ~= value.count && bytes.isText(value)
            case .contentMD5: value.count == Format.digestMD5ByteCount
            case .tier: value.count == 1 && 1...4 ~= bytes[value.lowerBound]
            case .file: FileNote.isValid(bytes, value)
            case .removal: value.count == RemovalNote.byteCount
            case .sequenceNumber:
                value.count == MemoryLayout<Int64>.size && bytes[value.lowerBound] < 0x80
            case .providedKey:
                value.count == Format.commitmentByteCount + Format.identifierByteCount
            case .tags:
                try TextPairs.check(bytes, value) { entryCount, name, value in
                    entryCount <= Format.maximumTagCount
                        && name <= Format.maximumTagNameByteCount
                        && value <= Format.maximumTagValueByteCount
                }
            }
        guard isValid else { throw .invalidField("property \(self)") }
    }
}

/// An object's user metadata, which is sealed apart (FORMAT section 7).
public struct MetadataDocument: Equatable, Sendable {
    /// Names and values; names are not empty.
    public var pairs: [String: String]

    /// A document with these.
    public init(_ pairs: [String: String]) {
        self.pairs = pairs
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] { [Format.version] + TextPairs.encoded(pairs) }

    /// The document in `bytes`; there is one encoding of each, and any other is refused.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = PlaceReader(in: bytes.indices)
        try reader.version(bytes.span)
        var byteCount = 0
        let isValid = try TextPairs.check(bytes.span, reader.rest) { _, name, value in
            byteCount += name + value
            return byteCount <= Format.maximumMetadataByteCount
        }
        guard isValid else { throw .invalidField("metadata") }
        pairs = try TextPairs.decoded(bytes[reader.rest])
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
