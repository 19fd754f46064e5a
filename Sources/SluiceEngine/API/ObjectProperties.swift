internal import SluiceFormat

/// What an object is said to be besides its bytes, its name and its metadata. The store keeps it, sealed, and acts on
/// none of it. Text has at most 1,024 bytes of UTF-8 and is empty where nothing is said.
public struct ObjectProperties: Sendable, Equatable {
    /// The media type of the bytes (RFC 9110 section 8.3).
    public var contentType: String
    /// The codings that were applied to the bytes (RFC 9110 section 8.4).
    public var contentEncoding: String
    /// The languages of the bytes (RFC 9110 section 8.5).
    public var contentLanguage: String
    /// How whoever gets the bytes is to show them (RFC 6266).
    public var contentDisposition: String
    /// How caches may keep the bytes (RFC 9111).
    public var cacheControl: String
    /// The MD5 of the bytes, 16 bytes, as whoever put them says; the store doesn't compare it. Nil if nothing is said.
    public var contentMD5: [UInt8]?
    /// What the object is kept as; nil if nothing is said.
    public var tier: AccessTier?
    /// Tags: at most 10, with names of 1 to 128 bytes of UTF-8 and values of at most 256.
    public var tags: [String: String]
    /// A number that those who change the object count, from 0 to 2^63 - 1, and can ask for (``Condition/sequenceNumber(_:)``);
    /// nil if nothing is said.
    public var sequenceNumber: Int?
    /// What the file was that the object was put from, as a put of a tree notes it; nil if nothing is said.
    public var file: FileProperties?

    /// Properties that say these things, and nothing else.
    public init(
        contentType: String = "", contentEncoding: String = "", contentLanguage: String = "",
        contentDisposition: String = "", cacheControl: String = "", contentMD5: [UInt8]? = nil,
        tier: AccessTier? = nil, tags: [String: String] = [:],
        sequenceNumber: Int? = nil, file: FileProperties? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.contentLanguage = contentLanguage
        self.contentDisposition = contentDisposition
        self.cacheControl = cacheControl
        self.contentMD5 = contentMD5
        self.tier = tier
        self.tags = tags
        self.sequenceNumber = sequenceNumber
        self.file = file
    }
}

/// What an object is kept as, as far as it says: a note for whoever bills or moves what is stored.
public enum AccessTier: String, Sendable, Hashable, CaseIterable {
    /// Read often.
    case hot
    /// Read seldom.
    case cool
    /// Read hardly ever.
    case cold
    /// Not to be read before it is brought back.
    case archive

    private static let codes: [AccessTier: UInt8] = [.hot: 1, .cool: 2, .cold: 3, .archive: 4]

    fileprivate var code: UInt8 { Self.codes[self] ?? 0 }

    fileprivate init?(code: UInt8?) {
        guard let code, let tier = Self.codes.first(where: { $0.value == code })?.key else {
            return nil
        }
        self = tier
    }
}

/// What can be said of an object without its bytes: ``Store/update(_:in:if:_:)`` changes it.
public struct ObjectAttributes: Sendable, Equatable {
    /// The properties.
    public var properties: ObjectProperties
    /// User metadata: at most 8,192 bytes of UTF-8 in all; names are not empty.
    public var metadata: [String: String]

    /// These properties and metadata.
    public init(properties: ObjectProperties = ObjectProperties(), metadata: [String: String] = [:])
    {
        self.properties = properties
        self.metadata = metadata
    }
}

extension ObjectProperties {
    /// The properties that are text.
    private struct Text: Sendable {
        let property: ObjectProperty
        let what: String
        let path: any WritableKeyPath<ObjectProperties, String> & Sendable
    }

    private static let texts = [
        Text(property: .contentType, what: "content type", path: \.contentType),
        Text(property: .contentEncoding, what: "content encoding", path: \.contentEncoding),
        Text(property: .contentLanguage, what: "content language", path: \.contentLanguage),
        Text(
            property: .contentDisposition, what: "content disposition", path: \.contentDisposition),
        Text(property: .cacheControl, what: "cache control", path: \.cacheControl),
    ]

    /// Each text, and what it is, for messages.
    fileprivate var texts: [(what: String, text: String)] {
        Self.texts.map { ($0.what, self[keyPath: $0.path]) }
    }

    /// As a document has them.
    init(_ encoded: [ObjectProperty: [UInt8]]) throws(FormatError) {
        self.init()
        for text in Self.texts {
            self[keyPath: text.path] = String(
                decoding: encoded[text.property] ?? [], as: UTF8.self)
        }
        contentMD5 = encoded[.contentMD5]
        tier = AccessTier(code: encoded[.tier]?.first)
        if let tags = encoded[.tags] { self.tags = try TextPairs.decoded(tags[...]) }
        sequenceNumber = encoded[.sequenceNumber].map { Self.sequenceNumber($0) }
        if let file = encoded[.file] { self.file = FileProperties(try FileNote(decoding: file)) }
    }

    /// The number in a property's 8 bytes.
    static func sequenceNumber(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// For a document.
    var encoded: [ObjectProperty: [UInt8]] {
        var encoded: [ObjectProperty: [UInt8]] = [:]
        for text in Self.texts where !self[keyPath: text.path].isEmpty {
            encoded[text.property] = Array(self[keyPath: text.path].utf8)
        }
        encoded[.contentMD5] = contentMD5
        encoded[.tier] = tier.map { [$0.code] }
        if !tags.isEmpty { encoded[.tags] = TextPairs.encoded(tags) }
        encoded[.sequenceNumber] = sequenceNumber.map { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        encoded[.file] = file?.note.encoded()
        return encoded
    }

    /// Those whose change doesn't draw another entity tag are made the same as those of `other`.
    func withNotes(of other: ObjectProperties) -> ObjectProperties {
        var properties = self
        properties.tier = other.tier
        properties.tags = other.tags
        return properties
    }
}

extension ObjectAttributes {
    /// Throws ``StoreError/Code/invalidArgument`` if anything is longer than it may be.
    func check() throws(StoreError) {
        for (what, text) in properties.texts {
            try Self.check("the \(what)", text.utf8.count, Format.maximumPropertyByteCount)
        }
        if let digest = properties.contentMD5, digest.count != Format.digestMD5ByteCount {
            throw StoreError(
                .invalidArgument,
                "an MD5 has \(Format.digestMD5ByteCount) bytes: this one has \(digest.count)")
        }
        guard properties.tags.count <= Format.maximumTagCount else {
            throw StoreError(
                .invalidArgument,
                "there are \(properties.tags.count) tags: the most is \(Format.maximumTagCount)")
        }
        if let number = properties.sequenceNumber, number < 0 {
            throw StoreError(.invalidArgument, "a sequence number of \(number) is below 0")
        }
        try properties.file?.check()
        for (name, value) in properties.tags {
            try Self.check(
                "the name of a tag", name.utf8.count, Format.maximumTagNameByteCount)
            try Self.check(
                "the value of the tag '\(name)'", value.utf8.count, Format.maximumTagValueByteCount)
        }
        try Self.check(
            "the metadata", metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count },
            Format.maximumMetadataByteCount)
        for (names, what) in [(metadata.keys, "metadata"), (properties.tags.keys, "tags")]
        where names.contains("") {
            throw StoreError(.invalidArgument, "a name in the \(what) is empty: give each a name")
        }
    }

    private static func check(_ what: String, _ count: Int, _ most: Int) throws(StoreError) {
        guard count > most else { return }
        throw StoreError(.invalidArgument, "\(what) has \(count) bytes: the most is \(most)")
    }
}
