internal import SluiceAccess
internal import SluiceFormat

/// An object's row, with the wrapped key that it references (FORMAT section 3).
struct ObjectRow: Sendable {
    var rowID: Int
    var tag: [UInt8]
    var directory: [UInt8]
    var objectID: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    var wrappedKeyRowID: Int
    /// `blobs.id`; nil if the bytes are in the row.
    var blobRowID: Int?
    var document: [UInt8]
    var wrapped: WrappedKey
    /// `keys.id` of the key version that wraps the data key.
    var keyRowID: Int
    var entityTag: [UInt8]
    /// Sealed (``SealedMetadata``); nil without any.
    var metadata: [UInt8]?
    /// The row of its encryption scope, if that is another than the scope that has its name: a hint, which its keys and its
    /// metadata prove as they open.
    var encryptionRowID: Int?
}
