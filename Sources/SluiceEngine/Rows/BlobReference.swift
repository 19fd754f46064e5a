/// An object or a pin whose bytes are in a file, or nowhere, or in two places.
struct BlobReference: Sendable {
    let table: CatalogTable
    let rowID: Int
    let objectID: [UInt8]
    let isDataWhole: Bool
}
