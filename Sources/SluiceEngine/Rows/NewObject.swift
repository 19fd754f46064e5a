internal import SluiceAccess
internal import SluiceFormat

/// What a put asks the catalog to commit: a row without its ids, and the bytes if they are small.
struct NewObject: Sendable {
    /// For messages: the row has it sealed.
    var name: ObjectName
    var tag: [UInt8]
    var directory: [UInt8]
    var objectID: [UInt8]
    var entityTag: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    var document: [UInt8]
    /// Sealed (``SealedMetadata``); nil without any.
    var metadata: [UInt8]?
    /// Its data key: its own, or one that others share.
    var wrapped: WrappedKey
    var content: BlobContent
    /// When it was sealed, which its document says.
    var createdMilliseconds: Int
    /// The SHA-256 of the provided key that it is sealed with, which its document says; nil for none.
    var providedKeyDigest: [UInt8]?
}
