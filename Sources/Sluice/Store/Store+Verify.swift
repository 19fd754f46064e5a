internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault

extension Store {
    /// Reads and authenticates everything of the named objects, or of all: rows, keys, chunk tables,
    /// every chunk. Says what is wrong; throws only what keeps it from looking.
    ///
    /// Without names it also checks the catalog's own structure, that every name can be found by a
    /// look-up and by a listing, and that the census is right.
    @available(*, noasync)
    public func verify(
        _ names: [ObjectName]? = nil, in scopeName: ScopeName? = nil,
        progress: ProgressHandler? = nil
    ) throws(StoreError) -> VerifyReport {
        try verify(names, in: scopeName, progress: progress, cancellation: beginOperation())
    }

    /// Checks what can be checked without any key: the catalog's structure, that blobs are there and
    /// have the size they should, chunk tables' digests, the census.
    @available(*, noasync)
    public func verifyWithoutKeys() throws(StoreError) -> VerifyReport {
        try checkOpen()
        var report = VerifyReport()
        try verifyCatalog(&report)
        for record in try catalog.read({ reader throws(StoreError) in try reader.scopes() }) {
            try forEachObject(inScope: record.rowID, &report) { found, report throws(StoreError) in
                report.objectCount += 1
                if let problem = try keylessProblem(found) {
                    report.add(Self.subject(found.row), problem)
                }
            }
        }
        return report
    }

    // MARK: With keys

    func verify(
        _ names: [ObjectName]?, in scopeName: ScopeName?, progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> VerifyReport {
        try checkOpen()
        var report = VerifyReport()
        if let names {
            for name in names {
                try verifyOne(name, in: scopeName ?? .default, cancellation, &report)
            }
            return report
        }
        try verifyCatalog(&report)
        let records = try catalog.read { reader throws(StoreError) in try reader.scopes() }
        if let scopeName, scopeName != .default, !records.contains(where: { $0.name == scopeName })
        {
            throw Self.missingScope(scopeName)
        }
        let meter = ProgressMeter(
            progress, totalByteCount: progress == nil ? nil : try totalByteCount(records, scopeName)
        )
        for record in records where scopeName == nil || record.name == scopeName {
            let scope: Scope
            do throws(StoreError) {
                scope = try self.scope(named: record.name)
            } catch {
                guard error.code == .integrity else { throw error }
                report.add("scope \(record.name)", error.message)
                continue
            }
            try forEachObject(inScope: record.rowID, &report) { found, report throws(StoreError) in
                try cancellation.check()
                try verify(found, in: scope, cancellation, meter, &report)
            }
            // Findings name objects, which takes the scope's key to the end.
            var reading = try reading(scope)
            report = try access.release(&reading) { report }
        }
        if scopeName == nil { try verifyPins(cancellation, &report) }
        return report
    }

    private func verifyPins(
        _ cancellation: Cancellation, _ report: inout VerifyReport
    ) throws(StoreError) {
        let rowIDs = try catalog.read { reader throws(StoreError) in
            var rowIDs: [[UInt8]] = []
            try reader.forEachRow("SELECT pin_id FROM pins ORDER BY id") { row throws(StoreError) in
                rowIDs.append(row.bytes(0))
            }
            return rowIDs
        }
        for pinID in rowIDs {
            let id = PinID(bytes: pinID)
            do throws(StoreError) {
                let content = try pinContent(id)
                try opening(content, progress: nil).run(
                    0..<content.object.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
                report.byteCount += content.object.row.byteCount
            } catch {
                // Ended meanwhile, if it isn't found.
                guard error.code != .notFound else { continue }
                guard error.code == .integrity || error.code == .invalidArgument else {
                    throw error
                }
                report.add("pin \(id)", error.message)
            }
        }
    }

    private func verifyOne(
        _ name: ObjectName, in scopeName: ScopeName, _ cancellation: Cancellation,
        _ report: inout VerifyReport
    ) throws(StoreError) {
        let scope = try scopeForRead(scopeName, of: name)
        let tag = try tag(of: name, in: scope)
        let found = try catalog.read { reader throws(StoreError) in
            try reader.objectWithContent(scope: scope.record.rowID, tag: tag)
        }
        guard let found else { throw Self.notFound(name) }
        try verify(found, in: scope, cancellation, nil, &report)
    }

    private func verify(
        _ found: FoundObject, in scope: Scope, _ cancellation: Cancellation,
        _ meter: ProgressMeter?, _ report: inout VerifyReport
    ) throws(StoreError) {
        report.objectCount += 1
        var subject = Self.subject(found.row)
        do throws(StoreError) {
            let object = try authenticate(found.row, name: nil, in: scope)
            let name = try ObjectName(utf8: object.document.name)
            subject = name.description
            try verifyPlace(object, name)
            guard let content = try content(of: object, found.content) else {
                // Removed or replaced since the row was read, which is no fault; or missing.
                let now = try catalog.read { reader throws(StoreError) in
                    try reader.object(scope: scope.record.rowID, tag: found.row.tag)
                }
                if now?.objectID == found.row.objectID {
                    report.add(subject, "its blob is missing")
                }
                return
            }
            try verifyTable(content)
            try opening(content, progress: meter).run(
                0..<found.row.byteCount, to: VoidTarget(), halt: Halt(cancellation))
            // That it is whole is said of what may be read, be its key in memory or not.
            var reading = try reading(object)
            try access.release(&reading) { report.byteCount += found.row.byteCount }
        } catch {
            guard error.code == .integrity else { throw error }
            report.add(subject, error.message)
        }
    }

    /// What an object is called whose name isn't known: by the id with which it can be listed and removed.
    private static func subject(_ row: ObjectRow) -> String {
        "the object with the id \(FileBlobBackend.hex(row.objectID))"
    }

    /// The name must lead to the row by look-up, and to its directory by a walk from the root.
    func verifyPlace(_ object: OpenObject, _ name: ObjectName) throws(StoreError) {
        let scope = object.scope
        guard try tag(of: name, in: scope) == object.row.tag else {
            throw StoreError(.integrity, "its row can't be found by its name")
        }
        var path = Scope.directory(of: name.utf8)
        guard try scope.tag(ofDirectory: path) == object.row.directory else {
            throw StoreError(.integrity, "its row stands in another directory than its name says")
        }
        while !path.isEmpty {
            let tag = try scope.tag(ofDirectory: path)
            let row = try catalog.read { reader throws(StoreError) in
                try reader.directory(scope: scope.record.rowID, tag: tag)
            }
            guard let row, try scope.openDirectory(row) == Array(path) else {
                throw StoreError(
                    .integrity,
                    "listings don't show its directory '\(ObjectName.printable(Array(path)))'")
            }
            path = Scope.parent(of: path)
        }
    }

    func verifyTable(_ content: Content) throws(StoreError) {
        let row = content.object.row
        guard row.codec == .lz4 else { return }
        let digest = try OpenTable.digest(
            of: content.blob, chunkCount: content.object.layout.chunkCount,
            storedByteCount: row.storedByteCount, library: library)
        guard digest == row.tableDigest else {
            throw StoreError(.integrity, "its chunk table is not the one that its row names")
        }
    }

    // MARK: Without keys

    private func verifyCatalog(_ report: inout VerifyReport) throws(StoreError) {
        let problems = try catalog.read { reader throws(StoreError) in
            do throws(DatabaseError) {
                return try reader.connection.integrityCheck()
            } catch {
                throw StoreError(catalog: error, "check the catalog")
            }
        }
        for problem in problems { report.add("catalog", problem) }
        let miscounted = try catalog.read { reader throws(StoreError) in
            try reader.integer(Self.miscountedKeys)
        }
        if miscounted != 0 {
            report.add("census", "\(miscounted) counts differ from what the rows add up to")
        }
        for table in ["objects", "directories", "wrapped_keys"] {
            let strays = try catalog.read { reader throws(StoreError) in
                try reader.integer(
                    "SELECT count(*) FROM \(table) WHERE scope NOT IN (SELECT id FROM scopes)")
            }
            if strays != 0 {
                report.add("catalog", "\(strays) rows of \(table) are in a scope that isn't there")
            }
        }
        for (table, query) in [
            ("blobs", Self.wrongBlobReferences), ("wrapped_keys", Self.wrongWrappedKeyReferences),
        ] {
            let wrong = try catalog.read { reader throws(StoreError) in
                try reader.integer(query)
            }
            if wrong != 0 {
                report.add(
                    "catalog", "\(wrong) \(table) have another reference count than references")
            }
        }
    }

    static let miscountedKeys = """
        SELECT count(*) FROM (
            SELECT scope, key, sum(objects) AS objects, sum(bytes) AS bytes FROM (
                SELECT scope, key, objects, bytes FROM census
                UNION ALL
                SELECT o.scope, w.key, -1, -o.byte_count
                FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key
            ) GROUP BY scope, key
        ) WHERE objects <> 0 OR bytes <> 0
        """

    static let wrongBlobReferences = """
        SELECT count(*) FROM (
            SELECT b.id FROM blobs b LEFT JOIN (
                SELECT blob FROM objects UNION ALL SELECT blob FROM pins
            ) r ON r.blob = b.id
            GROUP BY b.id HAVING b.refs <> count(r.blob)
        )
        """

    static let wrongWrappedKeyReferences = """
        SELECT count(*) FROM (
            SELECT w.id FROM wrapped_keys w LEFT JOIN objects o ON o.wrapped_key = w.id
            GROUP BY w.id
            HAVING w.objects <> count(o.id) OR w.bytes <> ifnull(sum(o.byte_count), 0)
                OR w.scope <> ifnull(max(o.scope), w.scope)
        )
        """

    func keylessProblem(_ found: FoundObject) throws(StoreError) -> String? {
        let row = found.row
        let blob: any BlobReading
        switch found.content {
        case .inline(let bytes): blob = InlineBlob(bytes: bytes)
        case .file:
            guard let file = try blobs.open(row.objectID) else { return "its blob is missing" }
            blob = file
        }
        guard blob.byteCount == row.storedByteCount else {
            return "its blob has \(blob.byteCount) bytes instead of \(row.storedByteCount)"
        }
        guard let layout = ChunkLayout(byteCount: row.byteCount, chunkSize: row.chunkSize) else {
            return "its row has an impossible size"
        }
        switch row.codec {
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

    /// Calls `body` with each object of a scope; a row that can't be one is reported.
    private func forEachObject(
        inScope scope: Int, _ report: inout VerifyReport,
        _ body: (FoundObject, inout VerifyReport) throws(StoreError) -> Void
    ) throws(StoreError) {
        // Who writes the file chooses row ids: negative ones are looked at, too.
        var rowID = Int.min
        while true {
            let next = try catalog.read { reader throws(StoreError) in
                try reader.nextRow(scope: scope, afterRow: rowID)
            }
            guard let next else { return }
            // In damaged pages a way on can lead back, again and again.
            guard next > rowID else {
                report.add("catalog", "its rows of objects are out of order")
                return
            }
            rowID = next
            do throws(StoreError) {
                let found = try catalog.read { reader throws(StoreError) in
                    try reader.objectWithContent(rowID: next)
                }
                // Removed meanwhile, if it is nil.
                if let found { try body(found, &report) }
            } catch {
                guard error.code == .integrity else { throw error }
                report.objectCount += 1
                report.add("row \(rowID)", error.message)
            }
        }
    }

    private func totalByteCount(
        _ records: [ScopeRecord], _ scopeName: ScopeName?
    ) throws(StoreError) -> Int {
        var total = 0
        for record in records where scopeName == nil || record.name == scopeName {
            total += try catalog.read { reader throws(StoreError) in
                try reader.census(scope: record.rowID).reduce(0) { $0 + $1.byteCount }
            }
        }
        return total
    }
}

extension VerifyReport {
    fileprivate mutating func add(_ subject: String, _ problem: String) {
        findings.append(Finding(subject: subject, problem: problem))
    }
}
