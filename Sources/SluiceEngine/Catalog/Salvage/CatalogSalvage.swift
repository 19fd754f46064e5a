internal import SluiceFormat
internal import SluiceNative

/// Makes a new catalog from the rows that can still be read in the pages of a damaged one.
///
/// The new one is made beside it, and takes its place whole: cut short anywhere, there is the damaged
/// catalog, or a complete new one that the next repair puts in its place.
enum CatalogSalvage {
    private static let draft = StoreLayout.catalogInRepair
    private static let log = StoreLayout.catalogLog

    /// Rebuilds the catalog if it is damaged.
    ///
    /// Throws ``StoreError/Code/newerVersion`` or ``StoreError/Code/olderVersion``;
    /// ``StoreError/Code/damagedCatalog`` if not even the store's id can be found. Then nothing was changed.
    ///
    /// - Returns: By row id, the tags that the index had for objects in whose rows others stand: a look-up reads them
    ///   there, so it may have found what the row alone no longer tells.
    static func run(
        _ files: StoreFiles, _ lost: inout LostAndFound, _ report: inout RepairReport
    ) throws(StoreError) -> [Int: [UInt8]] {
        var tags: [Int: [UInt8]] = [:]
        if try !has(StoreLayout.repairedCatalog, files) {
            let problems = try problems(files)
            guard !problems.isEmpty else { return [:] }
            tags = SalvageReader(files.catalogPath).indexedTags()
            try rebuild(files, &lost)
            for problem in problems { report.add("catalog", problem, .mended) }
        } else {
            report.add("catalog", "its repair was cut short", .mended)
        }
        try takePlace(files, &lost)
        return tags
    }

    // MARK: Looking

    /// What is wrong with the catalog as a database; nothing, if it is sound.
    private static func problems(_ files: StoreFiles) throws(StoreError) -> [String] {
        let byteCount = try translating { () throws(SystemError) in
            try files.directory.status(StoreLayout.catalog).byteCount
        }
        // SQLite would remove its log.
        guard !Connection.isWithoutPages(byteCount) else { return ["it is empty"] }
        let older: Int
        do throws(DatabaseError) {
            // Read only: closing it changes nothing, neither in the file nor in its log.
            let connection = try Connection(path: files.catalogPath, mode: .readOnly)
            defer { connection.close() }
            let version = (try? statedVersion(connection)) ?? nil
            guard let version, version < Int(Format.version) else {
                return try problems(
                    connection, isNewer: version.map { $0 > Int(Format.version) } ?? false)
            }
            older = version
        } catch {
            guard !error.isBusy, !error.isFull else {
                throw StoreError(catalog: error, "check the catalog")
            }
            return CatalogFault.descriptions(of: [error.message])
        }
        throw CatalogOpening.olderVersion(older)
    }

    private static func problems(
        _ connection: Connection, isNewer: Bool
    ) throws(DatabaseError) -> [String] {
        // First, for what was planted may keep the check busy for ever.
        if let difference = difference(connection), !isNewer {
            return ["it is not made as Sluice makes it: \(difference)"]
        }
        var problems = CatalogFault.descriptions(of: try connection.integrityCheck())
        guard problems.isEmpty, !isNewer else { return problems }
        let row = try connection.prepare(
            """
            SELECT (SELECT application_id FROM pragma_application_id), \
            (SELECT user_version FROM pragma_user_version), \
            (SELECT length(store_id) FROM store)
            """)
        guard try row.step() else { return [] }
        if row.int(0) != Format.applicationID || row.int(1) != Int64(Format.version) {
            problems.append("its header doesn't say that it is one")
        }
        if row.int(2) != Int64(Format.identifierByteCount) {
            problems.append("it doesn't say which store it is")
        }
        return problems
    }

    /// In which way its tables aren't those of a catalog; nil too where they can't be read, for that is
    /// another fault.
    private static func difference(_ connection: Connection) -> String? {
        (try? connection.difference(from: CatalogSchema.tables)) ?? nil
    }

    /// The format that it has, if the header says the same as the store's row.
    private static func statedVersion(_ connection: Connection) throws(DatabaseError) -> Int? {
        let row = try connection.prepare(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT format FROM store)")
        guard try row.step(), row.int(0) == row.int(1), row.int(0) > 0 else { return nil }
        return Int(row.int(0))
    }

    private static func has(_ name: String, _ files: StoreFiles) throws(StoreError) -> Bool {
        try translating { () throws(SystemError) in try files.directory.has(name) }
    }

    // MARK: Rebuilding

    private static func rebuild(
        _ files: StoreFiles, _ lost: inout LostAndFound
    ) throws(StoreError) {
        try translating { () throws(SystemError) in
            // What a repair left that was cut short.
            for name in [draft, "\(draft)-journal"] {
                try files.directory.unlinkIfThere(name)
            }
            _ = try files.directory.createExclusively(draft)
        }
        let connection: Connection
        do throws(DatabaseError) {
            connection = try Connection(path: "\(files.path)/\(draft)", mode: .readWrite)
            try connection.execute(
                """
                PRAGMA page_size = 4096; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
                BEGIN IMMEDIATE
                """)
            try CatalogSchema.make(connection)
        } catch {
            throw StoreError(catalog: error, "make a new catalog")
        }
        defer { connection.close() }
        let pageByteCount = try pageByteCount(files)
        let pages = try translating { () throws(SystemError) in
            try DatabasePages(in: files.directory, pageByteCount: pageByteCount)
        }
        var writer = try SalvageWriter(connection)
        // What the log has is newest, for pages of the file may be copied over others; then what can still be found by its
        // row id is what the row is; only then what merely lies about.
        let reader = SalvageReader(files.catalogPath)
        for pass in [SalvageWriter.Pass.logged, .found, .lost] {
            for number in stride(from: 1, through: pages.pageCount, by: 1)
            where pass != .logged || pages.isLogged(number) {
                try writer.take(pageNumber: number, of: pages, pass, reader, &lost)
            }
        }
        try writer.finish()
        do throws(DatabaseError) {
            try connection.execute("COMMIT")
        } catch {
            throw StoreError(catalog: error, "make a new catalog")
        }
        try translating { () throws(SystemError) in
            try files.directory.rename(draft, to: StoreLayout.repairedCatalog)
            try files.directory.sync()
        }
    }

    /// What the header says of the size of pages, if that can be; else what Sluice makes them.
    private static func pageByteCount(_ files: StoreFiles) throws(StoreError) -> Int {
        let header = try translating { () throws(SystemError) in
            let file = try files.directory.openFile(StoreLayout.catalog)
            return try [UInt8](filling: 100) { bytes throws(SystemError) in
                for place in 0..<100 { bytes[place] = 0 }
                _ = try file.read(into: &bytes, at: 0)
            }
        }
        let byteCount = header.integer16(at: 16)
        let isPossible = (512...32_768).contains(byteCount) && byteCount.nonzeroBitCount == 1
        return isPossible && header.starts(with: Array("SQLite format 3\0".utf8))
            ? byteCount : CatalogOpening.pageByteCount
    }

    // MARK: Taking its place

    private static func takePlace(
        _ files: StoreFiles, _ lost: inout LostAndFound
    ) throws(StoreError) {
        for name in [StoreLayout.catalog, log] where try has(name, files) {
            try lost.keep(name, in: files.directory, as: name)
        }
        try lost.note("the catalog was damaged, and rebuilt from what could be read of it")
        try lost.sync()
        try translating { () throws(SystemError) in
            // Before the new one is there: its pages must not be overlaid with the old log's.
            for name in [log, StoreLayout.catalogIndex] {
                try files.directory.unlinkIfThere(name)
            }
            try files.directory.sync()
            try files.directory.replace(StoreLayout.catalog, with: StoreLayout.repairedCatalog)
            try files.directory.sync()
        }
    }

    static func translating<Value>(
        _ body: () throws(SystemError) -> Value
    ) throws(StoreError) -> Value {
        try translated("repair the catalog", body)
    }
}
