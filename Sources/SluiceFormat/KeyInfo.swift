/// The `info` strings, salts and messages of every key derivation (FORMAT sections 4, 7 and 8).
public enum KeyInfo {
    /// Bytes that a scope key is expanded to: commitment, object root, document root, tag key and
    /// record key, 32 bytes each, in this order.
    public static let scopeByteCount = 160

    /// `info` of the scope's derivation.
    public static let scope = Array("sluice/2 scope".utf8)

    /// Salt of the scope's derivation.
    public static func scopeSalt(storeID: [UInt8], scopeID: [UInt8]) -> [UInt8] {
        storeID + scopeID
    }

    /// Bytes that an object's derivation yields: chunk key, table key and key commitment.
    public static let objectByteCount = 96

    /// `info` of an object's derivation: whatever could be downgraded is part of it.
    public static func object(chunkSize: ChunkSize, codec: Codec) -> [UInt8] {
        objectLabel + [Format.version, Format.suite, chunkSize.exponent, codec.rawValue]
    }

    private static let objectLabel = Array("sluice/2 object".utf8)

    /// The message whose HMAC under the document root is the key of the document of `revision`.
    public static func document(revision: [UInt8]) -> [UInt8] {
        documentLabel + revision
    }

    /// The message whose HMAC under the document root is the key of the metadata of this salt.
    public static func metadata(salt: [UInt8]) -> [UInt8] {
        metadataLabel + salt
    }

    private static let metadataLabel = Array("sluice/2 metadata".utf8)

    /// The message whose HMAC under the document root seals the keys that the pin of `revision` holds.
    public static func pinKeys(revision: [UInt8]) -> [UInt8] {
        pinKeysLabel + revision
    }

    private static let pinKeysLabel = Array("sluice/2 pin keys".utf8)
    private static let documentLabel = Array("sluice/2 document".utf8)

    /// The message whose HMAC under the tag key, cut to 16 bytes, is an object's name tag.
    public static func objectTag(name: [UInt8]) -> [UInt8] { [1] + name }

    /// The message whose HMAC under the document root seals the keys that the uncommitted part of `revision` holds.
    public static func partKeys(revision: [UInt8]) -> [UInt8] {
        partKeysLabel + revision
    }

    private static let partKeysLabel = Array("sluice/2 part keys".utf8)

    /// The message whose HMAC under the document root is the key of an object's state of this revision.
    public static func state(revision: [UInt8]) -> [UInt8] { stateLabel + revision }

    private static let stateLabel = Array("sluice/2 state".utf8)

    /// The message whose HMAC under the document root is the key of a piece of the run of this salt, which it seals alone.
    package static func run(salt: [UInt8], number: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.fixed(runLabel)
        writer.fixed(salt)
        writer.integer(number)
        return writer.bytes
    }

    private static let runLabel = Array("sluice/2 listing run".utf8)

    /// What the message begins with whose HMAC under the document root seals the data key of this salt; the intermediate key
    /// comes after it, 32 bytes.
    public static func dataKey(salt: [UInt8]) -> [UInt8] { dataKeyLabel + salt }

    private static let dataKeyLabel = Array("sluice/2 data key".utf8)

    /// The message whose SHA-256 a vault has for the anchor of a scope with an identity of its own.
    public static func anchor(commitment: [UInt8], identity: String) -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.counted("sluice/2 scope anchor")
        writer.fixed(commitment)
        writer.counted(identity)
        return writer.bytes
    }

    /// The message whose HMAC under the tag key, cut to 16 bytes, is the tag of a part's id.
    public static func partTag(id: [UInt8]) -> [UInt8] { [3] + id }

    /// The message whose HMAC under the tag key, cut to 16 bytes, is a directory's tag.
    public static func directoryTag(path: ArraySlice<UInt8>) -> [UInt8] { [2] + path }
}
