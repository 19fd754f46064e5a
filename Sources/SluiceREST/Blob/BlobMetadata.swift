/// The metadata of a blob or a container: names and values in the order and with the letters of who set them.
public struct BlobMetadata: Hashable, Sendable {
    /// The most bytes of names and values together.
    public static let mostBytes = 8192
    static let prefix = "x-ms-meta-"

    /// Names, without the header's prefix, and values.
    public let pairs: [HeaderFields.Field]

    /// None.
    public static let none = Self(stored: [])

    /// What is kept already, and was checked when it came in.
    public init(stored pairs: [HeaderFields.Field]) { self.pairs = pairs }

    /// The metadata in a request's headers.
    ///
    /// Throws `EmptyMetadataKey`; `InvalidMetadata` for a name that isn't one of C#, one that is there twice whatever its
    /// letters, and a value with other characters than those of ASCII that print; and `MetadataTooLarge`.
    public init(_ headers: HeaderFields) throws(BlobRefusal) {
        var pairs: [HeaderFields.Field] = []
        var names: Set<String> = []
        var byteCount = 0
        for field in headers.fields where field.name.lowercased().hasPrefix(Self.prefix) {
            let name = String(field.name.dropFirst(Self.prefix.count))
            guard !name.isEmpty else { throw BlobRefusal(.emptyMetadataKey) }
            guard Self.isName(name), field.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
                names.insert(name.lowercased()).inserted
            else { throw BlobRefusal(.invalidMetadata, "It is about '\(name.prefix(80))'.") }
            byteCount += name.utf8.count + field.value.utf8.count
            pairs.append(HeaderFields.Field(name: name, value: field.value))
        }
        guard byteCount <= Self.mostBytes else {
            throw BlobRefusal(.metadataTooLarge, "It has \(byteCount) bytes, of \(Self.mostBytes).")
        }
        self.pairs = pairs
    }

    /// The headers of an answer.
    var fields: [HeaderFields.Field] {
        pairs.map { HeaderFields.Field(name: Self.prefix + $0.name, value: $0.value) }
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0.lowercasedASCII)
                    || $0 == UInt8(ascii: "_")
            }
    }
}
