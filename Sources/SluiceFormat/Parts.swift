/// The associated data of what is sealed of an uncommitted part: its place and its blob (FORMAT section 8).
package enum PartBinding {
    private static let label = Array("sluice/2 part row".utf8)

    /// The associated data, from identifiers and tags of 16 bytes and a revision of 32.
    package static func encoded(
        storeID: [UInt8], scopeID: [UInt8], tag: [UInt8], part: [UInt8], blobID: [UInt8],
        revision: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.counted(label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(tag)
        writer.fixed(part)
        writer.fixed(blobID)
        writer.fixed(revision)
        return writer.bytes
    }
}

/// What is sealed of an uncommitted part besides its keys.
public struct PartDocument: Equatable, Sendable {
    /// The id under which it was uploaded: 1 to 64 bytes.
    public var partID: [UInt8]
    /// Its plaintext bytes.
    public var byteCount: Int
    /// Bytes of its blob.
    public var storedByteCount: Int
    /// The size of its chunks.
    public var chunkSize: ChunkSize
    /// How they lie in its blob: raw or LZ4.
    public var codec: Codec
    /// When it was put, in milliseconds since 1970.
    public var createdMilliseconds: Int
    /// The SHA-256 of the provided key that its keys are sealed with; empty for none.
    public var providedKeyDigest: [UInt8]

    /// A document with these fields.
    public init(
        partID: [UInt8], byteCount: Int, storedByteCount: Int, chunkSize: ChunkSize, codec: Codec,
        createdMilliseconds: Int, providedKeyDigest: [UInt8] = []
    ) {
        self.partID = partID
        self.byteCount = byteCount
        self.storedByteCount = storedByteCount
        self.chunkSize = chunkSize
        self.codec = codec
        self.createdMilliseconds = createdMilliseconds
        self.providedKeyDigest = providedKeyDigest
    }

    /// The document's plaintext.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.integer(Format.version)
        writer.counted(partID)
        writer.integer(UInt64(byteCount))
        writer.integer(UInt64(storedByteCount))
        writer.integer(chunkSize.exponent)
        writer.integer(codec.rawValue)
        writer.integer(Int64(createdMilliseconds))
        writer.counted(providedKeyDigest)
        return writer.bytes
    }

    /// The document in `bytes`.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard version == Format.version else { throw .unknownVersion(version) }
        partID = Array(try reader.counted())
        let byteCount = try reader.integer(UInt64.self)
        let storedByteCount = try reader.integer(UInt64.self)
        let exponent = try reader.integer(UInt8.self)
        let code = try reader.integer(UInt8.self)
        createdMilliseconds = Int(try reader.integer(Int64.self))
        providedKeyDigest = Array(try reader.counted())
        try reader.finish()
        guard [0, Format.commitmentByteCount].contains(providedKeyDigest.count) else {
            throw .invalidField("part key")
        }
        guard (1...Format.maximumPartIDByteCount).contains(partID.count) else {
            throw .invalidField("part id")
        }
        guard byteCount <= UInt64(Format.maximumObjectByteCount),
            storedByteCount <= UInt64(Format.maximumObjectByteCount * 2),
            let chunkSize = ChunkSize(exponent: exponent),
            ChunkLayout(byteCount: Int(byteCount), chunkSize: chunkSize) != nil
        else { throw .invalidField("part size") }
        guard let codec = Codec(rawValue: code), codec != .extents else {
            throw .invalidField("part codec")
        }
        self.byteCount = Int(byteCount)
        self.storedByteCount = Int(storedByteCount)
        self.chunkSize = chunkSize
        self.codec = codec
    }
}
