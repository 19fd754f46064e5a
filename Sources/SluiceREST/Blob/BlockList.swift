internal import SluiceAccess

/// The name of a block: 1 to 64 bytes, which clients write in Base64.
public struct BlockID: Hashable, Sendable {
    /// The most bytes of one.
    public static let mostBytes = 64

    /// In Base64, as every client writes it.
    public let text: String
    /// How many bytes it is; all blocks of a blob have as many.
    public let byteCount: Int

    /// Nil for what isn't 1 to 64 bytes in Base64.
    public init?(_ text: String) {
        guard let bytes = Base64.decode(text), (1...Self.mostBytes).contains(bytes.count),
            Base64.encode(bytes) == text
        else { return nil }
        self.text = text
        byteCount = bytes.count
    }

    /// The one that Put Block names in its query.
    ///
    /// Throws `MissingRequiredQueryParameter` and `InvalidQueryParameterValue`.
    public init(_ query: BlobQuery) throws(BlobRefusal) {
        guard let text = query["blockid"] else { throw .missingQuery("blockid") }
        guard let id = Self(text) else {
            throw .query("blockid", String(text.prefix(100)), "Not a valid base64 string.")
        }
        self = id
    }
}

/// The blocks that a blob is to be made of.
public struct BlockList: Hashable, Sendable {
    /// Where a block is to be looked for.
    public enum Source: String, Sendable {
        /// Among the blob's.
        case committed = "Committed"
        /// Among those that were put since.
        case uncommitted = "Uncommitted"
        /// Among those that were put since, and else among the blob's.
        case latest = "Latest"
    }

    /// A block of the list.
    public struct Entry: Hashable, Sendable {
        /// Where it is to be looked for.
        public let source: Source
        /// Which it is.
        public let id: BlockID
    }

    /// The most blocks of a blob.
    public static let mostBlocks = 50_000
    /// The most bytes of a document.
    public static let mostBytes = 8 << 20

    /// In order; a block may come more than once.
    public let entries: [Entry]

    /// Reads the document of Put Block List.
    ///
    /// Throws `RequestBodyTooLarge`, `InvalidXmlDocument`, `InvalidBlockId` and `BlockListTooLong`.
    public init(_ document: [UInt8]) throws(BlobRefusal) {
        guard document.count <= Self.mostBytes else { throw BlobRefusal(.requestBodyTooLarge) }
        var reader = try XMLReader(document, root: "BlockList")
        var entries: [Entry] = []
        while let name = try reader.child() {
            guard let source = Source(rawValue: name) else {
                throw .node(name, .unsupportedXmlNode)
            }
            guard entries.count < Self.mostBlocks else { throw BlobRefusal(.blockListTooLong) }
            guard let id = BlockID(try reader.text()) else { throw BlobRefusal(.invalidBlockId) }
            entries.append(Entry(source: source, id: id))
        }
        try reader.finish()
        self.entries = entries
    }
}

/// Which blocks Get Block List asks for.
public enum BlockListType: String, Sendable {
    /// The blob's.
    case committed
    /// Those that were put since.
    case uncommitted
    /// Both.
    case all

    /// Throws `InvalidQueryParameterValue` for another; without the parameter it is the blob's.
    public init(_ query: BlobQuery) throws(BlobRefusal) {
        let name = "blocklisttype"
        guard let text = query.present(name) else {
            self = .committed
            return
        }
        guard let type = Self(rawValue: text.lowercased()) else { throw .query(name, text) }
        self = type
    }

    /// The answer's document: blocks by their name in Base64 and their length.
    public func document(
        committed: [(id: String, byteCount: Int)], uncommitted: [(id: String, byteCount: Int)]
    ) -> [UInt8] {
        var writer = XMLWriter(capacity: 100 * (committed.count + uncommitted.count) + 200)
        writer.open("BlockList")
        let lists = [
            ("CommittedBlocks", self != .uncommitted, committed),
            ("UncommittedBlocks", self != .committed, uncommitted),
        ]
        for (name, isAsked, blocks) in lists where isAsked {
            writer.open(name)
            for block in blocks {
                writer.open("Block")
                writer.element("Name", block.id)
                writer.element("Size", block.byteCount)
                writer.close("Block")
            }
            writer.close(name)
        }
        writer.close("BlockList")
        return writer.bytes
    }
}
