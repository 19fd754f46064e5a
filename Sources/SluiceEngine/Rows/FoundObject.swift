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
