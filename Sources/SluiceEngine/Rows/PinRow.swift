internal import SluiceFormat

/// A row of the catalog's `pins` (FORMAT section 8).
struct PinRow: Sendable {
    var rowID = 0
    var pinID: [UInt8]
    var objectID: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    /// `blobs.id`; nil if the bytes are in the row.
    var blobRowID: Int?
    /// The object's keys, sealed.
    var keys: [UInt8]
    var document: [UInt8]
    var data: [UInt8]?
}
