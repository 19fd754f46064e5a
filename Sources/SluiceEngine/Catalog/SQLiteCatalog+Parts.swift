/// Uncommitted parts, and what objects of extents reference.
extension SQLiteCatalog {
    func parts(scope: Int, tag: [UInt8]) throws(StoreError) -> [PartRow] {
        try read { reader throws(StoreError) in try reader.parts.parts(scope: scope, tag: tag) }
    }

    func put(_ part: PutPartOperation) throws(StoreError) -> CatalogAnswer<Void> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.put(part) }[0]
    }

    func removeParts(_ removal: RemovePartsOperation) throws(StoreError) -> CatalogAnswer<Int> {
        try commit(count: 1, freesSpace: true) { writer, _ throws(StoreError) in
            try writer.removeParts(removal)
        }[0]
    }

    func hasParts(putBefore milliseconds: Int) throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in
            try reader.connection.integer(
                "SELECT EXISTS (SELECT 1 FROM parts WHERE created < \(milliseconds))") != 0
        }
    }

    func removeParts(putBefore milliseconds: Int, limit: Int) throws(StoreError) -> Int {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.removeParts(putBefore: milliseconds, limit: limit)
        }
    }

    func extents(ofObject rowID: Int) throws(StoreError) -> [ExtentBasis.Reference] {
        try read { reader throws(StoreError) in
            try reader.parts.extents(of: .objects, rowID: rowID)
        }
    }

    func extents(ofPin rowID: Int) throws(StoreError) -> [ExtentBasis.Reference] {
        try read { reader throws(StoreError) in try reader.parts.extents(of: .pins, rowID: rowID) }
    }

    func mendExtents(
        ofManifest objectID: [UInt8], to references: Set<ExtentBasis.Reference>
    ) throws(StoreError) -> Bool {
        try write { writer throws(StoreError) in
            try writer.mendExtents(ofManifest: objectID, to: references)
        }
    }
}
