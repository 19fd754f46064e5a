/// The associated data of what is sealed of a pin: every other column of its row, in an encoding that
/// no other row shares (FORMAT section 8).
package struct PinBinding: Equatable, Sendable {
    package var storeID: [UInt8]
    /// Of the scope that pins are sealed under.
    package var scopeID: [UInt8]
    package var pinID: [UInt8]
    package var objectID: [UInt8]
    package var revision: [UInt8]
    package var byteCount: Int
    package var storedByteCount: Int
    package var chunkSize: ChunkSize
    package var codec: Codec
    package var commitment: [UInt8]
    package var tableDigest: [UInt8]?

    package init(
        storeID: [UInt8], scopeID: [UInt8], pinID: [UInt8], objectID: [UInt8], revision: [UInt8],
        byteCount: Int, storedByteCount: Int, chunkSize: ChunkSize, codec: Codec,
        commitment: [UInt8], tableDigest: [UInt8]?
    ) {
        self.storeID = storeID
        self.scopeID = scopeID
        self.pinID = pinID
        self.objectID = objectID
        self.revision = revision
        self.byteCount = byteCount
        self.storedByteCount = storedByteCount
        self.chunkSize = chunkSize
        self.codec = codec
        self.commitment = commitment
        self.tableDigest = tableDigest
    }

    /// The associated data.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.counted("sluice/2 pin row")
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(pinID)
        writer.fixed(objectID)
        writer.fixed(revision)
        writer.integer(UInt64(byteCount))
        writer.integer(UInt64(storedByteCount))
        writer.integer(chunkSize.exponent)
        writer.integer(codec.rawValue)
        writer.integer(Format.suite)
        writer.fixed(commitment)
        writer.counted(tableDigest ?? [])
        return writer.bytes
    }
}

/// What is sealed of a pin besides its object's keys: where the object was, and its document.
public struct PinDocument: Equatable, Sendable {
    /// The name of the scope that the object was in.
    public var scope: String
    /// The key version that wrapped the object's data key when it was pinned.
    public var keyIdentifier: String
    /// When it was pinned, in milliseconds since 1970.
    public var pinnedMilliseconds: Int
    /// The object's entity tag as it was then, 16 bytes.
    public var entityTag: [UInt8]
    /// Its document.
    public var object: ObjectDocument
    /// Its metadata; nil if it had none.
    public var metadata: MetadataDocument?

    /// A document with these fields.
    public init(
        scope: String, keyIdentifier: String, pinnedMilliseconds: Int, entityTag: [UInt8],
        object: ObjectDocument, metadata: MetadataDocument?
    ) {
        self.scope = scope
        self.keyIdentifier = keyIdentifier
        self.pinnedMilliseconds = pinnedMilliseconds
        self.entityTag = entityTag
        self.object = object
        self.metadata = metadata
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.integer(Format.version)
        writer.counted(scope)
        writer.counted(keyIdentifier)
        writer.integer(Int64(pinnedMilliseconds))
        writer.fixed(entityTag)
        writer.counted(object.encoded())
        writer.counted(metadata?.encoded() ?? [])
        return writer.bytes
    }

    /// The document in `bytes`.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard version == Format.version else { throw .unknownVersion(version) }
        scope = try reader.countedText("scope")
        keyIdentifier = try reader.countedText("key identifier")
        pinnedMilliseconds = Int(try reader.integer(Int64.self))
        entityTag = Array(try reader.fixed(byteCount: Format.identifierByteCount))
        object = try ObjectDocument(decoding: Array(try reader.counted()))
        let metadata = Array(try reader.counted())
        self.metadata = metadata.isEmpty ? nil : try MetadataDocument(decoding: metadata)
        try reader.finish()
    }
}
