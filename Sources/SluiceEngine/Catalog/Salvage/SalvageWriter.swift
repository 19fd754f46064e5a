internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// A table whose rows are looked for in the pages of a damaged catalog; those that are left out are
/// computed from the others.
struct SalvagedTable {
    enum Kind {
        case rowID, integer, bytes, text, integerOrNull, bytesOrNull
    }

    let name: String
    let columns: [(name: String, kind: Kind)]

    /// A row says itself which table it is of: by how many columns it has, or, where two tables have as many, or one that is
    /// left out does, by their kinds.
    static let all = [
        SalvagedTable(
            "store", ("id", .rowID), ("store_id", .bytes), ("format", .integer),
            ("created", .integer)),
        SalvagedTable("keys", ("id", .rowID), ("identifier", .text)),
        SalvagedTable(
            "scopes", ("id", .rowID), ("scope_id", .bytes), ("name", .text),
            ("key_setting", .text), ("rewrap", .integer), ("poll", .integer),
            ("polled", .integer), ("versions", .integer), ("retention", .integer),
            ("data_keys", .integer), ("identity", .text), ("key", .integer), ("scheme", .integer),
            ("wrapped", .bytes),
            ("commitment", .bytes), ("created", .integer), ("code", .bytes)),
        SalvagedTable(
            "wrapped_keys", ("id", .rowID), ("scope", .integer), ("key", .integer),
            ("objects", .integer), ("bytes", .integer), ("scheme", .integer), ("wrapped", .bytes)),
        SalvagedTable(
            "objects", ("id", .rowID), ("scope", .integer), ("encryption", .integerOrNull),
            ("tag", .bytes),
            ("directory", .bytes), ("object_id", .bytes), ("entity_tag", .bytes),
            ("revision", .bytes), ("byte_count", .integer), ("stored_byte_count", .integer),
            ("chunk_exponent", .integer), ("codec", .integer), ("table_digest", .bytesOrNull),
            ("commitment", .bytes), ("wrapped_key", .integer), ("blob", .integerOrNull),
            ("document", .bytes), ("metadata", .bytesOrNull), ("due", .integerOrNull),
            ("data", .bytesOrNull)),
        SalvagedTable(
            "pins", ("id", .rowID), ("pin_id", .bytes), ("object_id", .bytes),
            ("revision", .bytes), ("byte_count", .integer), ("stored_byte_count", .integer),
            ("chunk_exponent", .integer), ("codec", .integer), ("table_digest", .bytesOrNull),
            ("commitment", .bytes), ("blob", .integerOrNull), ("keys", .bytes),
            ("document", .bytes), ("data", .bytesOrNull)),
        SalvagedTable(
            "parts", ("id", .rowID), ("scope", .integer), ("encryption", .integerOrNull),
            ("tag", .bytes), ("part", .bytes), ("object_id", .bytes), ("blob", .integer),
            ("stored_byte_count", .integer),
            ("revision", .bytes), ("created", .integer), ("keys", .bytes), ("document", .bytes)),
        SalvagedTable(
            "directories", ("id", .rowID), ("scope", .integer), ("tag", .bytes),
            ("parent", .bytes), ("revision", .bytes), ("document", .bytes)),
        SalvagedTable(
            "states", ("id", .rowID), ("scope", .integer), ("tag", .bytes), ("created", .integer),
            ("revision", .bytes), ("document", .bytes)),
        SalvagedTable(
            "removed_scopes", ("id", .rowID), ("scope_id", .bytes), ("vaults", .text),
            ("emptied", .integer)),
    ]

    /// How many columns tables have whose rows are not needed: what is made anew, and SQLite's own.
    static let columnCountsLeftOut: Set<Int> = [
        1,  // unsynced, uncounted_extents
        3,  // blobs
        4,  // moments
        5,  // sqlite_schema
    ]

    /// The table whose row this may be.
    static func holding(_ values: [CarvedValue]) -> SalvagedTable? {
        let tables = all.filter { $0.columns.count == values.count }
        guard tables.count != 1 || columnCountsLeftOut.contains(values.count) else {
            return tables.first
        }
        return tables.first { $0.fits(values) }
    }

    private init(_ name: String, _ columns: (name: String, kind: Kind)...) {
        self.name = name
        self.columns = columns
    }

    /// Whether a record's values are of the kinds that this table's rows have.
    func fits(_ values: [CarvedValue]) -> Bool {
        guard values.count == columns.count else { return false }
        return zip(values, columns).allSatisfy { value, column in
            switch (value, column.kind) {
            case (.null, .rowID), (.null, .integerOrNull), (.null, .bytesOrNull),
                (.integer, .integer), (.integer, .integerOrNull), (.bytes, .bytes),
                (.bytes, .bytesOrNull), (.text, .text):
                true
            default: false
            }
        }
    }
}

/// Puts the rows that are found into a new catalog, inside one transaction.
struct SalvageWriter {
    private let connection: Connection
    private let inserts: [String: Statement]
    /// Key versions by the row ids that the index on them has: it stands in where the table is damaged.
    private var indexedKeys: [(rowID: Int64, identifier: [UInt8])] = []
    private var hasStore = false

    init(_ connection: Connection) throws(StoreError) {
        self.connection = connection
        do throws(DatabaseError) {
            var inserts: [String: Statement] = [:]
            for table in SalvagedTable.all {
                let places = table.columns.indices.map {
                    table.columns[$0].kind == .text ? "CAST(?\($0 + 1) AS TEXT)" : "?\($0 + 1)"
                }
                inserts[table.name] = try connection.prepare(
                    """
                    INSERT OR IGNORE INTO \(table.name) VALUES (\(places.joined(separator: ", ")))
                    """)
            }
            self.inserts = inserts
        } catch {
            throw StoreError(catalog: error, "make a new catalog")
        }
    }

    /// Which rows are taken: those in the log, those that SQLite still finds, or the others.
    enum Pass {
        case logged, found, lost
    }

    /// Takes what can be read in a page.
    mutating func take(
        pageNumber: Int, of pages: DatabasePages, _ pass: Pass, _ reader: SalvageReader,
        _ lost: inout LostAndFound
    ) throws(StoreError) {
        let found = try CatalogSalvage.translating {
            () throws(SystemError) -> (DatabaseLeaf.Kind, [(record: [UInt8], rowID: Int64)])? in
            guard let page = try pages.page(pageNumber),
                let leaf = DatabaseLeaf(page, number: pageNumber)
            else { return nil }
            return (leaf.kind, try leaf.records(pages))
        }
        guard let (kind, records) = found else { return }
        for (record, rowID) in records {
            guard let row = CarvedRow(record: record, rowID: rowID) else { continue }
            switch kind {
            case .table: try take(row, pass, reader, &lost)
            case .index: if pass == .lost { noteKey(row) }
            }
        }
    }

    /// Ends the salvage; throws if what it found is no store.
    mutating func finish() throws(StoreError) {
        for (rowID, identifier) in indexedKeys {
            if let keys = SalvagedTable.all.first(where: { $0.name == "keys" }) {
                _ = try insert([.null, .text(identifier)], rowID, keys)
            }
        }
        do throws(DatabaseError) {
            for statement in Self.blobsOfRows { try connection.execute(statement) }
            try connection.execute(ExtentRows.doubting)
            // Of what was found nobody knows whether it is durable.
            try connection.execute(UnsyncedMark.setting)
        } catch {
            throw StoreError(catalog: error, "make a new catalog")
        }
        guard hasStore else {
            throw StoreError(
                .damagedCatalog, "the catalog is damaged beyond repair, and was left as it is",
                remedies: [.restoreBackup])
        }
    }

    /// The blobs, from the rows whose bytes they have.
    private static let blobsOfRows = [
        """
        INSERT INTO blobs (refs, file) SELECT count(*), object_id FROM (
            SELECT object_id FROM objects WHERE data IS NULL
            UNION ALL SELECT object_id FROM pins WHERE data IS NULL
            UNION ALL SELECT object_id FROM parts
        ) WHERE length(object_id) = 16 GROUP BY object_id
        """,
        """
        UPDATE objects SET blob = (SELECT id FROM blobs WHERE file = object_id)
        WHERE data IS NULL
        """,
        "UPDATE pins SET blob = (SELECT id FROM blobs WHERE file = object_id) WHERE data IS NULL",
        "UPDATE parts SET blob = ifnull((SELECT id FROM blobs WHERE file = object_id), 0)",
    ]

    private mutating func take(
        _ row: CarvedRow, _ pass: Pass, _ reader: SalvageReader, _ lost: inout LostAndFound
    ) throws(StoreError) {
        guard let table = SalvagedTable.holding(row.values) else {
            return try keepStray(row, pass, &lost)
        }
        let found = reader.row(row.rowID, in: table)
        switch pass {
        case .logged:
            guard table.fits(row.values) else { return }
            _ = try insert(row.values, row.rowID, table)
        case .found:
            guard let found, table.fits(found) else { return }
            // It may have come by another page already.
            _ = try insert(found, row.rowID, table)
        case .lost:
            if let found, table.fits(found) {
                // Where a page is damaged SQLite may refuse a row, and find it when it is asked again.
                _ = try insert(found, row.rowID, table)
                guard found != row.values else { break }
            } else if table.fits(row.values), try insert(row.values, row.rowID, table) {
                break
            }
            try lost.keep(row: row.statement(table.name))
            try lost.note("row \(row.rowID) of \(table.name): it is there twice, or impossible")
            return
        }
        hasStore = hasStore || table.name == "store"
    }

    /// Keeps a row of no table that is known: nothing that somebody has put is dropped.
    private func keepStray(
        _ row: CarvedRow, _ pass: Pass, _ lost: inout LostAndFound
    ) throws(StoreError) {
        let columnCount = row.values.count
        guard pass == .lost, columnCount > 0,
            !SalvagedTable.columnCountsLeftOut.contains(columnCount)
        else { return }
        try lost.keep(row: row.statement("unknown"))
        try lost.note("row \(row.rowID) of no table that is known: it has \(columnCount) columns")
    }

    /// Whether the row could be put in.
    private func insert(
        _ values: [CarvedValue], _ rowID: Int64, _ table: SalvagedTable
    ) throws(StoreError) -> Bool {
        guard let statement = inserts[table.name] else { return false }
        do throws(DatabaseError) {
            defer { statement.reset() }
            for (index, value) in values.enumerated() {
                let place = Int32(index + 1)
                switch value {
                case .null: try statement.bind(place, nil)
                case .integer(let value): try statement.bind(place, value)
                case .bytes(let bytes), .text(let bytes): try statement.bind(place, bytes)
                }
            }
            try statement.bind(1, rowID)
            _ = try statement.step()
            return connection.changedRowCount == 1
        } catch {
            throw StoreError(catalog: error, "make a new catalog")
        }
    }

    /// An entry of the index on key identifiers: the identifier, and the row's id.
    private mutating func noteKey(_ row: CarvedRow) {
        guard row.values.count == 2, case .text(let identifier) = row.values[0],
            case .integer(let rowID) = row.values[1],
            identifier.starts(with: Array("https://".utf8))
        else { return }
        indexedKeys.append((rowID, identifier))
    }
}

extension CarvedRow {
    /// The statement that puts the row into a table.
    func statement(_ table: String) -> String {
        let literals = values.enumerated().map { index, value in
            switch value {
            case .null: index == 0 ? "\(rowID)" : "NULL"
            case .integer(let value): "\(value)"
            case .bytes(let bytes): "x'\(String(hexadecimal: bytes))'"
            case .text(let bytes): "CAST(x'\(String(hexadecimal: bytes))' AS TEXT)"
            }
        }
        return "INSERT INTO \(table) VALUES (\(literals.joined(separator: ", ")))"
    }
}
