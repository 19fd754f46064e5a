/// The row that says which store a catalog is of.
struct StoreRow: Sendable {
    var storeID: [UInt8]
    var formatVersion: Int
}
