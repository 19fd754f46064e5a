internal import SluiceFormat

extension ObjectRow {
    /// What the document's seal binds of the row, and where it stands.
    func binding(in scope: Scope) -> [UInt8] {
        ObjectBinding.encoded(
            storeID: scope.storeID, scopeID: scope.record.scopeID, tag: tag, directory: directory,
            objectID: objectID, entityTag: entityTag, revision: revision, byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            commitment: commitment, tableDigest: tableDigest,
            metadataTag: metadata.map(SealedMetadata.tag))
    }
}
