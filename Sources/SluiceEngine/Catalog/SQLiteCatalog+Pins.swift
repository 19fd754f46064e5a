/// Pins.
extension SQLiteCatalog {
    func pins() throws(StoreError) -> [PinRow] {
        try read { reader throws(StoreError) in try reader.pins.pins(withData: false) }
    }

    func pin(_ pinID: [UInt8]) throws(StoreError) -> PinRow? {
        try read { reader throws(StoreError) in try reader.pins.pins(pinID, withData: true).first }
    }

    func pin(rowID: Int) throws(StoreError) -> PinRow? {
        try read { reader throws(StoreError) in
            try reader.pins.pins(rowID: rowID, withData: true).first
        }
    }

    func pinIDs() throws(StoreError) -> [[UInt8]] {
        try read { reader throws(StoreError) in try reader.pins.ids() }
    }

    func pinCount() throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.pins.count() }
    }

    func hasPins() throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.pins.isAnyThere() }
    }

    func pin(_ pin: PinOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.insert(pin) }[0]
    }

    func unpin(_ pinID: [UInt8]) throws(StoreError) -> Bool {
        try write(freesSpace: true) { writer throws(StoreError) in try writer.removePin(pinID) }
    }
}
