internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Checks what can be checked without any key. Thread-safe.
final class KeylessVerifier: Sendable, StoreComponent {
    let context: StoreContext

    init(context: StoreContext) {
        self.context = context
    }

    /// See ``Store/verifyWithoutKeys()``.
    func verify() throws(StoreError) -> VerifyReport {
        try context.checkOpen()
        var report = VerifyReport()
        report.lostAndFound = try files?.lostAndFound()
        try verifyCatalog(&report)
        for record in try catalog.scopes() {
            try forEachObject(inScope: record.rowID, &report) { found, report throws(StoreError) in
                report.objectCount += 1
                do throws(StoreError) {
                    if let problem = try keylessProblem(found), try isStill(found.row) {
                        report.add(KeylessVerifier.subject(found.row), problem)
                    }
                } catch {
                    guard error.isUnreadableBlob else { throw error }
                    report.add(KeylessVerifier.subject(found.row), refusal: error)
                }
            }
        }
        return report
    }

    /// Checks the catalog as a database, and what its tables say of each other.
    func verifyCatalog(_ report: inout VerifyReport) throws(StoreError) {
        for problem in try catalog.integrityProblems() { report.add("catalog", problem) }
        let miscounted = try catalog.miscountedKeyCount()
        if miscounted != 0 {
            report.add("census", "\(miscounted) counts differ from what the rows add up to")
        }
        for table in [CatalogTable.objects, .parts, .directories, .states, .wrappedKeys] {
            let strays = try catalog.strayRowCount(of: table)
            if strays != 0 {
                report.add("catalog", "\(strays) rows of \(table) are in a scope that isn't there")
            }
        }
        for table in [CatalogTable.blobs, .wrappedKeys] {
            let wrong = try catalog.misreferencedRowCount(of: table)
            if wrong != 0 {
                report.add(
                    "catalog", "\(wrong) \(table) have another reference count than references")
            }
        }
    }

    /// Whether a row is there still: what was found of one that was removed meanwhile is nobody's.
    private func isStill(_ row: ObjectRow) throws(StoreError) -> Bool {
        let now = try catalog.objectWithContent(rowID: row.rowID)
        return now?.row.objectID == row.objectID
    }

    /// What is wrong with an object, as far as it can be seen; with its extents only if the catalog's word for what they are
    /// is to be taken.
    func keylessProblem(
        _ found: FoundObject, believingExtents: Bool = true
    ) throws(StoreError) -> String? {
        let row = found.row
        let blob: any SealedBytes
        switch found.content {
        case .inline(let bytes): blob = InlineBlob(bytes: bytes)
        case .file:
            guard let file = try blobs.open(row.objectID, byteCount: row.storedByteCount)
            else { return "its blob is missing" }
            blob = file
        }
        do throws(StoreError) {
            if let problem = try problem(of: blob, row) { return problem }
            guard believingExtents, row.codec == .extents else { return nil }
            return try problemOfExtents(of: row)
        } catch {
            guard error.isMissingBlob else { throw error }
            return error.reason
        }
    }

    private func problem(
        of blob: any SealedBytes, _ row: ObjectRow
    ) throws(StoreError) -> String? {
        // First, for nobody reads through a file that is as long as somebody has made it.
        guard blob.byteCount == row.storedByteCount else {
            return "its blob has \(blob.byteCount) bytes instead of \(row.storedByteCount)"
        }
        let byteCount = try readableByteCount(of: blob)
        guard byteCount == row.storedByteCount else {
            return "its blob has \(byteCount) bytes instead of \(row.storedByteCount)"
        }
        guard let layout = ChunkLayout(byteCount: row.byteCount, chunkSize: row.chunkSize) else {
            return "its row has an impossible size"
        }
        switch row.codec {
        case .extents:
            let digest = try OpenExtentTable.digest(
                of: blob, storedByteCount: row.storedByteCount, library: library)
            return digest == row.tableDigest
                ? nil : "its table of extents is not the one that its row names"
        case .raw:
            return row.storedByteCount == layout.rawStoredByteCount
                ? nil : "its row has an impossible size"
        case .lz4:
            guard
                row.storedByteCount
                    >= ChunkTable.sealedByteCount(chunkCount: layout.chunkCount)
            else { return "its row has an impossible size" }
            let digest = try OpenTable.digest(
                of: blob, chunkCount: layout.chunkCount, storedByteCount: row.storedByteCount,
                library: library)
            return digest == row.tableDigest
                ? nil : "its chunk table is not the one that its row names"
        }
    }

    /// What is wrong with the blobs that an object of extents references.
    private func problemOfExtents(of row: ObjectRow) throws(StoreError) -> String? {
        for reference in try catalog.extents(ofObject: row.rowID) {
            guard
                let blob = try blobs.open(
                    reference.blobID, byteCount: reference.storedByteCount)
            else { return "the blob of an extent is missing" }
            let byteCount = try readableByteCount(of: blob)
            guard byteCount == reference.storedByteCount else {
                return
                    "the blob of an extent has \(byteCount) bytes instead of \(reference.storedByteCount)"
            }
        }
        return nil
    }

    /// How many bytes a blob has, each of which was read: a bad sector shows only so.
    private func readableByteCount(of blob: any SealedBytes) throws(StoreError) -> Int {
        var buffer = [UInt8](repeating: 0, count: min(blob.byteCount, 1 << 20))
        var offset = 0
        while offset < blob.byteCount {
            var span = buffer.mutableSpan
            let count = try blob.read(into: &span, at: offset)
            guard count > 0 else { break }
            offset += count
        }
        return offset
    }

    /// What an object is called whose name isn't known: by the id with which it can be listed and removed.
    static func subject(_ row: ObjectRow) -> String {
        "the object with the id \(String(hexadecimal: row.objectID))"
    }

    /// Calls `body` with each object of a scope; a row that can't be one is reported.
    func forEachObject(
        inScope scope: Int, _ report: inout VerifyReport,
        _ body: (FoundObject, inout VerifyReport) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Who writes the file chooses row ids: negative ones are looked at, too.
        var rowID = Int.min
        while true {
            guard let next = try catalog.nextRow(scope: scope, afterRow: rowID) else { return }
            // In damaged pages a way on can lead back, again and again.
            guard next > rowID else {
                report.add("catalog", "its rows of objects are out of order")
                return
            }
            rowID = next
            do throws(StoreError) {
                // Removed meanwhile, if it is nil.
                if let found = try catalog.objectWithContent(rowID: next) {
                    try body(found, &report)
                }
            } catch {
                guard error.code == .integrity else { throw error }
                report.objectCount += 1
                report.add("row \(rowID)", error.reason)
            }
        }
    }
}
