/// Pins of a catalog.
protocol CatalogPins: AnyObject, Sendable {
    /// The pins, oldest first, without their bytes.
    func pins() throws(StoreError) -> [PinRow]
    /// The pin with this id.
    func pin(_ pinID: [UInt8]) throws(StoreError) -> PinRow?
    /// The pin in this row.
    func pin(rowID: Int) throws(StoreError) -> PinRow?
    /// The ids of the pins, the oldest first.
    func pinIDs() throws(StoreError) -> [[UInt8]]
    func pinCount() throws(StoreError) -> Int
    func hasPins() throws(StoreError) -> Bool

    /// Adds a pin of an object; stale if the object isn't in that row under that id.
    func pin(_ pin: PinOperation) throws(StoreError) -> CatalogAnswer<Void>
    /// Removes the pin with this id; whether there was one.
    func unpin(_ pinID: [UInt8]) throws(StoreError) -> Bool
}

/// What is to be pinned.
struct PinOperation: Sendable {
    let pin: PinRow
    let objectRowID: Int
    /// The object's scope, its encryption scope, if that is another, and the pins' own.
    let scopes: [ScopeUse]
    /// What the COMMIT needs besides.
    let needs: Set<KeyUse>
}
