internal import SluiceAccess
internal import SluiceFormat

/// Where an object's sealed bytes are.
enum BlobContent: Sendable {
    /// In the catalog.
    case inline([UInt8])
    /// In a blob of their own, named by the object id.
    case file
}

/// A row and its bytes, as one read of the catalog found them.
struct FoundObject: Sendable {
    var row: ObjectRow
    var content: BlobContent
}

/// The row that a look-up by name found.
enum FoundRow: Sendable {
    /// It is as it was when this was authenticated.
    case known(KnownObject)
    /// Nothing is known of it, or something else.
    case new(ObjectRow)

    var objectID: [UInt8] {
        switch self {
        case .known(let known): known.object.row.objectID
        case .new(let row): row.objectID
        }
    }
}

/// What a put asks the catalog to commit: a row without its ids, and the bytes if they are small.
struct NewObject: Sendable {
    var name: ObjectName
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
    var document: [UInt8]
    var dataKey: DataKey
    var content: BlobContent
    var modifiedMilliseconds: Int
}

/// What committing a put came to.
struct PutOutcome: Sendable {
    /// Whether there was an object of that name.
    var isReplacement: Bool
    /// The key version that it was committed under.
    var key: KeyIdentifier
}
