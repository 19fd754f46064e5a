internal import SluiceAccess
internal import SluiceNative

/// Uncommitted parts, and the blobs that tables of extents name.
extension CatalogWriter {
    /// Adds a part, in the place of the one that has its id.
    mutating func put(_ operation: PutPartOperation) throws(StoreError) -> CatalogAnswer<Void> {
        if let finding = try use(operation.scope, operation.encryption) { return .stale(finding) }
        let (part, scope) = (operation.part, operation.scope.rowID)
        let old = try parts.place(scope: scope, tag: part.tag, part: part.part, connection)
        hasWritten = true
        if let old { try remove(old) }
        let blob = try blobs.insert(file: part.blobID, connection)
        try parts.insert(part, scope: scope, blob: blob, connection)
        return .committed(())
    }

    /// Removes the uncommitted parts of a name.
    mutating func removeParts(
        _ removal: RemovePartsOperation
    ) throws(StoreError) -> CatalogAnswer<Int> {
        if let finding = try use(removal.scope) { return .stale(finding) }
        return .committed(try removeParts(scope: removal.scope.rowID, tag: removal.tag))
    }

    private mutating func removeParts(scope: Int, tag: [UInt8]) throws(StoreError) -> Int {
        let places = try parts.places(scope: scope, tag: tag, connection)
        for place in places { try remove(place) }
        return places.count
    }

    /// Removes parts that nobody has committed for long.
    mutating func removeParts(
        putBefore milliseconds: Int, limit: Int
    ) throws(StoreError) -> Int {
        let places = try parts.places(
            where: "created < \(milliseconds) ORDER BY id LIMIT \(limit)", connection)
        for place in places { try remove(place) }
        return places.count
    }

    mutating func remove(_ part: PartTable.Place) throws(StoreError) {
        hasWritten = true
        try parts.delete(rowID: part.rowID, connection)
        try releaseBlob(part.blob)
    }

    // MARK: Extents

    /// What is so, if what an object of extents was made of isn't there any more; else nil.
    mutating func check(_ basis: ExtentBasis) throws(StoreError) -> CatalogFinding? {
        for part in basis.parts where try parts.place(of: part, connection) == nil {
            return .otherExtents
        }
        if let source = basis.source {
            let now = try reader.objects.object(scope: source.scope, rowID: source.rowID)
            guard now?.revision == source.revision else { return .otherExtents }
        }
        return nil
    }

    /// Counts what a new table of extents names, which its parts did until now; ends the upload that it was committed by.
    mutating func reference(
        _ basis: ExtentBasis, manifest: Int, scope: Int, tag: [UInt8]
    ) throws(StoreError) {
        for added in basis.added {
            let blob = try blobs.insert(file: added.blobID, connection)
            try extents.insert(
                manifest: manifest, blob: blob, storedByteCount: added.storedByteCount, connection)
        }
        try reference(basis.references, manifest: manifest)
        if basis.endsUpload {
            // With those of the basis.
            _ = try removeParts(scope: scope, tag: tag)
        } else {
            for part in basis.parts {
                if let place = try parts.place(of: part, connection) { try remove(place) }
            }
        }
    }

    private mutating func reference(
        _ references: Set<ExtentBasis.Reference>, manifest: Int
    ) throws(StoreError) {
        for reference in references {
            guard let blob = try reader.blobs.rowID(ofFile: reference.blobID) else {
                throw StoreError(
                    .damagedCatalog,
                    "can't store the object: the row of an extent's blob is missing",
                    remedies: [.run(.repair(store: nil)), .restoreBackup])
            }
            try blobs.retain(rowID: blob, connection)
            try extents.insert(
                manifest: manifest, blob: blob, storedByteCount: reference.storedByteCount,
                connection)
        }
    }

    /// Forgets blobs that were unlinked, and what those named that were tables of extents.
    mutating func forgetGarbage(rowIDs: [Int]) throws(StoreError) {
        hasWritten = true
        for rowID in rowIDs { try releaseExtents(ofManifest: rowID) }
        try blobs.forget(rowIDs: rowIDs, connection)
    }

    private mutating func releaseExtents(ofManifest rowID: Int) throws(StoreError) {
        let named = try extents.blobs(ofManifest: rowID, connection)
        guard !named.isEmpty else { return }
        for blob in named { try releaseBlob(blob) }
        try extents.delete(ofManifest: rowID, connection)
    }

    /// Makes these the blobs that a table of extents names; whether they were others.
    mutating func mendExtents(
        ofManifest objectID: [UInt8], to references: Set<ExtentBasis.Reference>
    ) throws(StoreError) -> Bool {
        guard let manifest = try reader.blobs.rowID(ofFile: objectID),
            try Set(reader.parts.extents(ofManifest: manifest)) != references
        else { return false }
        hasWritten = true
        // Counts are made right at the end of a repair, from the rows.
        try extents.delete(ofManifest: manifest, connection)
        for reference in references {
            var blob = try reader.blobs.rowID(ofFile: reference.blobID)
            if blob == nil { blob = try blobs.insert(file: reference.blobID, connection) }
            guard let blob else { continue }
            try extents.insert(
                manifest: manifest, blob: blob, storedByteCount: reference.storedByteCount,
                connection)
        }
        return true
    }
}
