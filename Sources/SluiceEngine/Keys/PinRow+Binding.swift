internal import SluiceFormat

extension PinRow {
    /// What its seals bind of the row, and where it stands.
    func binding(in scope: Scope) -> PinBinding {
        PinBinding(
            storeID: scope.storeID, scopeID: scope.record.scopeID, pinID: pinID,
            objectID: objectID, revision: revision, byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            commitment: commitment, tableDigest: tableDigest)
    }
}
