internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is wrong with rows and can be seen without keys.
extension Repairer {
    // MARK: References

    /// Leads rows to the blobs that bear their object ids: the id is authenticated, the reference isn't.
    func repairReferences(
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        for table in [CatalogTable.objects, .pins] {
            for row in try catalog.wrongReferences(of: table) {
                let isThere = try blobs.has(row.objectID)
                guard row.isDataWhole || isThere else { continue }
                try keep(table, row.rowID, "its bytes were in two places, or in none", &lost)
                try catalog.mend(row)
                report.add(
                    "row \(row.rowID) of \(table)", "it did not lead to its bytes", .mended)
            }
        }
    }

    // MARK: Rows

    /// Moves rows that can't be what they should, and objects and pins whose blobs are missing or have
    /// another size.
    func repairRows(
        _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        for rowID in try catalog.impossibleScopes() {
            try move(.scopes, rowID, "it holds impossible values", &lost, &report)
        }
        for rowID in try catalog.impossibleDirectories() {
            try move(.directories, rowID, "it holds impossible values", &lost, &report)
        }
        for rowID in try catalog.rowIDs(of: .objects) { try repairObjectRow(rowID, &lost, &report) }
        for rowID in try catalog.rowIDs(of: .pins) { try repairPinRow(rowID, &lost, &report) }
    }

    private func repairObjectRow(
        _ rowID: Int, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        var problem: String?
        do throws(StoreError) {
            let found = try catalog.objectWithContent(rowID: rowID)
            if let found {
                problem = try keylessVerifier.keylessProblem(found, believingExtents: false)
            }
        } catch {
            if error.isUnreadableBlob {
                report.add("row \(rowID) of objects", error.reason, .left)
                return
            }
            guard error.code == .integrity else { throw error }
            // The row may be sound, and what it needs be missing: then it can be right again.
            guard try hasKeyVersion(ofObject: rowID) else {
                report.add("row \(rowID) of objects", error.reason, .left)
                return
            }
            problem = error.reason
        }
        if let problem { try moveObject(rowID, problem, &lost, &report) }
    }

    /// Whether the key version of an object's data key can be told, or is no matter: its key is gone.
    private func hasKeyVersion(ofObject rowID: Int) throws(StoreError) -> Bool {
        guard let identifier = try catalog.keyIdentifier(ofObject: rowID) else { return true }
        return (try? KeyIdentifier(parsing: identifier))?.description == identifier
    }

    private func repairPinRow(
        _ rowID: Int, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        do throws(StoreError) {
            guard let pin = try catalog.pin(rowID: rowID) else { return }
            var byteCount = pin.data?.count
            if byteCount == nil {
                byteCount = try blobs.byteCount(
                    of: pin.objectID, expected: pin.storedByteCount)
            }
            guard byteCount != pin.storedByteCount else { return }
            try movePin(
                rowID, byteCount == nil ? "its blob is missing" : "its blob has another size",
                &lost,
                &report)
        } catch {
            if error.isUnreadableBlob {
                report.add("row \(rowID) of pins", error.reason, .left)
                return
            }
            guard error.code == .integrity else { throw error }
            try movePin(rowID, error.reason, &lost, &report)
        }
    }

    // MARK: Moving

    /// Takes an object out of the store: its row, its wrapped key and its blob are kept.
    func moveObject(
        _ rowID: Int, _ problem: String, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        let place = try catalog.claimedPlace(ofRow: rowID, in: .objects)
        let wrappedKey = try catalog.wrappedKeyRowID(ofObject: rowID)
        try keep(.wrappedKeys, wrappedKey, nil, &lost)
        try keepBlob(place.objectID, &lost)
        try move(.objects, rowID, problem, &lost, &report)
        guard place.directory.count == Format.identifierByteCount else { return }
        try catalog.pruneDirectory(place.directory, scope: place.scope)
    }

    /// Takes a pin out of the store.
    func movePin(
        _ rowID: Int, _ problem: String, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) {
        try keepBlob(try catalog.claimedPlace(ofRow: rowID, in: .pins).objectID, &lost)
        try move(.pins, rowID, problem, &lost, &report)
    }

    /// Takes a row out of the catalog, when it is safe elsewhere.
    func move(
        _ table: CatalogTable, _ rowID: Int, _ problem: String, _ lost: inout LostAndFound,
        _ report: inout RepairReport
    ) throws(StoreError) {
        try keep(table, rowID, problem, &lost)
        try catalog.deleteRow(rowID, of: table)
        report.add("row \(rowID) of \(table)", problem, .moved)
    }

    /// Keeps a row as it is now, and what is wrong with it.
    func keep(
        _ table: CatalogTable, _ rowID: Int, _ problem: String?, _ lost: inout LostAndFound
    ) throws(StoreError) {
        guard let statement = try catalog.insertStatement(of: rowID, in: table) else { return }
        try lost.keep(row: statement)
        if let problem {
            let objectID = try catalog.claimedPlace(ofRow: rowID, in: table).objectID
            let id = objectID.isEmpty ? "" : ", id \(String(hexadecimal: objectID))"
            try lost.note("row \(rowID) of \(table)\(id): \(problem)")
        }
        try lost.sync()
    }
}
