/// A policy that a container keeps, for shared access signatures to refer to.
public struct SignedIdentifier: Hashable, Sendable {
    /// The most that a container has.
    public static let most = 5

    /// Its name, of 1 to 64 characters.
    public var id: String
    /// From when on signatures that refer to it are valid; nil where they say it themselves.
    public var start: BlobTime?
    /// Until when, likewise.
    public var expiry: BlobTime?
    /// Letters of permissions, likewise.
    public var permissions: String?

    /// All of it.
    public init(
        id: String, start: BlobTime? = nil, expiry: BlobTime? = nil, permissions: String? = nil
    ) {
        self.id = id
        self.start = start
        self.expiry = expiry
        self.permissions = permissions
    }

    /// Reads the document of Set Container ACL, of which nothing at all means none.
    ///
    /// Throws `InvalidXmlDocument` for more than five, two of one name, and what isn't of its form, `InvalidXmlNodeValue`
    /// for a name, time or permission that is none.
    public static func read(_ document: [UInt8]) throws(BlobRefusal) -> [Self] {
        guard !document.isEmpty else { return [] }
        var reader = try XMLReader(document, root: "SignedIdentifiers")
        var identifiers: [Self] = []
        while let name = try reader.child() {
            guard name == "SignedIdentifier" else { throw .node(name, .unsupportedXmlNode) }
            let identifier = try identifier(&reader)
            guard identifiers.count < most, !identifiers.contains(where: { $0.id == identifier.id })
            else {
                throw BlobRefusal(
                    .invalidXmlDocument,
                    "A container has at most \(most) policies, each of another name.")
            }
            identifiers.append(identifier)
        }
        try reader.finish()
        return identifiers
    }

    private static func identifier(_ reader: inout XMLReader) throws(BlobRefusal) -> Self {
        var identifier = Self(id: "")
        while let name = try reader.child() {
            switch name {
            case "Id": identifier.id = try reader.text()
            case "AccessPolicy": try identifier.readPolicy(&reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        guard (1...64).contains(identifier.id.utf16.count) else { throw .node("Id") }
        return identifier
    }

    private mutating func readPolicy(_ reader: inout XMLReader) throws(BlobRefusal) {
        while let name = try reader.child() {
            let text = try reader.text()
            guard !text.isEmpty else { continue }
            switch name {
            case "Start", "Expiry":
                guard let time = BlobTime(iso: text) else { throw .node(name) }
                if name == "Start" { start = time } else { expiry = time }
            case "Permission":
                guard BlobPermissions(letters: text) != nil else { throw .node(name) }
                permissions = text
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
    }

    /// The document of Get Container ACL.
    public static func document(_ identifiers: [Self]) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("SignedIdentifiers")
        for identifier in identifiers {
            writer.open("SignedIdentifier")
            writer.element("Id", identifier.id)
            writer.open("AccessPolicy")
            writer.element("Start", ifPresent: identifier.start?.exact)
            writer.element("Expiry", ifPresent: identifier.expiry?.exact)
            writer.element("Permission", ifPresent: identifier.permissions)
            writer.close("AccessPolicy")
            writer.close("SignedIdentifier")
        }
        writer.close("SignedIdentifiers")
        return writer.bytes
    }
}

/// What a container shows to everybody.
public enum PublicAccess: String, Sendable {
    /// The list of its blobs, and the blobs.
    case container
    /// The blobs.
    case blob

    /// What a request's header says; nil for nothing.
    ///
    /// Throws `InvalidHeaderValue`.
    public static func read(_ headers: HeaderFields) throws(BlobRefusal) -> Self? {
        let name = "x-ms-blob-public-access"
        guard let text = headers[name], !text.isEmpty else { return nil }
        guard let access = Self(rawValue: text.lowercased()) else { throw .header(name, text) }
        return access
    }

    /// Whether nobody in particular may do this.
    public func allows(_ operation: BlobOperation) -> Bool {
        switch operation {
        case .getBlob, .getBlobProperties, .getBlobMetadata, .getBlockList: true
        case .listBlobs, .getContainerProperties, .getContainerMetadata: self == .container
        default: false
        }
    }
}
