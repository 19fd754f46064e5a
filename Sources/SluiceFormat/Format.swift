/// The constants of the on-disk format, version 2 (FORMAT sections 2 and 10).
public enum Format {
    /// The format version that this code writes, and the newest that it reads.
    public static let version: UInt8 = 2

    /// Marks a catalog as Sluice's: the ASCII letters `SLUC` in SQLite's `application_id`.
    public static let applicationID: Int64 = 0x534C_5543

    /// Cipher suite 1: AES-256-GCM, HKDF-SHA256, HMAC-SHA256.
    public static let suite: UInt8 = 1

    /// Key-wrapping scheme 1: RSA-OAEP with SHA-256 for both hashes.
    public static let schemeRSAOAEP256: UInt8 = 1

    /// Key-wrapping scheme 2: sealed under an intermediate key, which stands beside it, wrapped by scheme 1.
    public static let schemeIntermediateKey: UInt8 = 2

    /// Bytes of the salt that a data key of scheme 2 begins with.
    public static let dataKeySaltByteCount = 32

    /// The longest object id of a scope's identity, in bytes.
    public static let maximumIdentityByteCount = 128

    /// Bytes that sealing adds to a chunk or document: the GCM tag.
    public static let tagByteCount = 16

    /// Bytes of a data encryption key, scope key or derived key.
    public static let keyByteCount = 32

    /// Bytes of a store id, scope id, object id, name tag or directory tag.
    public static let identifierByteCount = 16

    /// Bytes of a row's revision value.
    public static let revisionByteCount = 32

    /// Bytes of the salt that sealed metadata begin with.
    public static let metadataSaltByteCount = 32

    /// Bytes of a key commitment or table digest.
    public static let commitmentByteCount = 32

    /// The longest object name, in bytes of UTF-8.
    public static let maximumNameByteCount = 4096

    /// The longest scope name, in bytes.
    public static let maximumScopeNameByteCount = 63

    /// The longest value of a property that is text, in bytes of UTF-8.
    public static let maximumPropertyByteCount = 1024

    /// The most tags of an object.
    public static let maximumTagCount = 10

    /// The longest name of a tag, in bytes of UTF-8.
    public static let maximumTagNameByteCount = 128

    /// The longest value of a tag, in bytes of UTF-8.
    public static let maximumTagValueByteCount = 256

    /// Bytes of an MD5 digest.
    public static let digestMD5ByteCount = 16

    /// The largest user metadata of an object: the bytes of all names and values together.
    public static let maximumMetadataByteCount = 8192

    /// Bytes of a file's link number.
    public static let linkByteCount = 16

    /// The longest name of a file's extended attribute, in bytes.
    public static let maximumAttributeNameByteCount = 255

    /// The largest extended attributes of a file: the bytes of all names and values together.
    public static let maximumAttributesByteCount = 16_384

    /// The most chunks that an object can have.
    public static let maximumChunkCount = 1 << 32

    /// The longest id of a part of an upload, in bytes of UTF-8.
    public static let maximumPartIDByteCount = 64

    /// The largest object, in bytes of plaintext: 2^53, or 2^32 chunks if that is less.
    public static let maximumObjectByteCount = 1 << 53
}

/// How an object's chunks lie in its blob; bound into its keys (FORMAT section 5).
public enum Codec: UInt8, Sendable {
    /// Every chunk is stored as it is, at the offset that its index gives. No table.
    case raw = 0
    /// A chunk is stored as it is or as one LZ4 block, wherever the chunk table says.
    case lz4 = 1
    /// The blob is a table of extents, which are blobs of their own (FORMAT section 6).
    case extents = 2
}

/// What a decoder of this module refuses.
public enum FormatError: Error, Equatable, Sendable {
    /// The bytes end before the field does, or go on after the last.
    case truncated, trailingBytes
    /// A version or code that this reader doesn't know.
    case unknownVersion(UInt8)
    /// A field that breaks the rule named.
    case invalidField(String)
}
