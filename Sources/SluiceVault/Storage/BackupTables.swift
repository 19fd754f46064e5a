internal import SluiceAccess
internal import SluiceNative

/// The tables of a vault's database as backups hold them: row by row, whatever is in a row.
///
/// Belongs to whoever holds the connection.
struct BackupTables {
    private let connection: Connection

    init(_ tables: VaultTables) { connection = tables.connection }

    // MARK: Backing up

    /// All rows of the vault.
    func vaultContents() throws(DatabaseError) -> BackupContents {
        var contents = BackupContents()
        for table in BackupContents.vaultTables {
            contents.rows[table.name] = try rows(of: table, where: "1", nil)
        }
        return contents
    }

    /// All rows of a key, none if there is no such key.
    func keyContents(of name: String) throws(DatabaseError) -> BackupContents {
        let select = try connection.prepare("SELECT id FROM keys WHERE name = ?")
        try select.bind(1, name)
        guard try select.step() else { return BackupContents() }
        let id = select.int(0)
        select.reset()
        let conditions = [
            "id = ?", "key = ?", "key = ?", "version IN (SELECT id FROM versions WHERE key = ?)",
        ]
        var contents = BackupContents()
        for (table, condition) in zip(BackupContents.keyTables, conditions) {
            contents.rows[table.name] = try rows(of: table, where: condition, id)
        }
        return contents
    }

    private func rows(
        of table: BackupContents.Table, where condition: String, _ id: Int64?
    ) throws(DatabaseError) -> [[BackupContents.Value]] {
        // Each table is told apart by its first two columns.
        let select = try connection.prepare(
            "SELECT * FROM \(table.name) WHERE \(condition) ORDER BY 1, 2")
        if let id { try select.bind(1, id) }
        precondition(
            Int(select.columnCount) == table.columnCount,
            "the table \(table.name) has other columns than its backups")
        var rows: [[BackupContents.Value]] = []
        while try select.step() {
            rows.append((0..<select.columnCount).map { Self.value(select, $0) })
        }
        return rows
    }

    private static func value(_ row: Statement, _ column: Int32) -> BackupContents.Value {
        switch row.kind(column) {
        case .null: .null
        // No column of ours holds a real.
        case .integer, .real: .integer(row.int(column))
        case .text: .text(row.text(column))
        case .blob: .blob(row.bytes(column))
        }
    }

    // MARK: Restoring

    /// Fills tables that hold nothing yet.
    func insertVault(_ contents: BackupContents) throws(DatabaseError) {
        for table in BackupContents.vaultTables {
            for row in contents.rows[table.name] ?? [] { _ = try insert(row, into: table.name) }
        }
    }

    /// Adds a key, of whose name and versions there are none.
    func insertKey(_ contents: BackupContents) throws(DatabaseError) {
        guard let key = contents.rows["keys"]?.first else { return }
        let id = BackupContents.Value.integer(
            try insert([.null] + key.dropFirst(), into: "keys"))
        for policy in contents.rows["rotation_policies"] ?? [] {
            _ = try insert([id] + policy.dropFirst(), into: "rotation_policies")
        }
        // In the order in which they were made: the newest has the greatest number again.
        var versions: [BackupContents.Value: BackupContents.Value] = [:]
        for version in contents.rows["versions"] ?? [] {
            let row = [.null, id] + version.dropFirst(2)
            versions[version[0]] = .integer(try insert(row, into: "versions"))
        }
        for tag in contents.rows["tags"] ?? [] {
            guard let version = versions[tag[0]] else { continue }
            _ = try insert([version] + tag.dropFirst(), into: "tags")
        }
    }

    // MARK: Sealing anew

    /// All that is sealed or authenticated in the vault, and what it takes to do so anew.
    func sealedContents() throws(DatabaseError) -> BackupContents {
        var contents = BackupContents()
        for table in BackupContents.vaultTables
        where ["keys", "versions", "anchors"].contains(table.name) {
            contents.rows[table.name] = try rows(of: table, where: "1", nil)
        }
        return contents
    }

    /// Saves what was sealed anew, of rows that are as they were.
    func replaceSealed(
        _ contents: BackupContents, with renewed: BackupContents
    ) throws(DatabaseError) {
        let version = try connection.prepare(
            "UPDATE versions SET salt = ?, sealed = ? WHERE id = ?")
        for row in Self.changed("versions", contents, renewed) {
            try version.bind(1, row[11].blob)
            try version.bind(2, row[12].blob)
            try version.bind(3, row[0].number ?? 0)
            try version.runChangingOneRow()
        }
        let anchor = try connection.prepare(
            "UPDATE anchors SET authentication = ? WHERE store = ? AND scope = ?")
        for row in Self.changed("anchors", contents, renewed) {
            try anchor.bind(1, row[3].blob)
            try anchor.bind(2, row[0].blob)
            try anchor.bind(3, row[1].blob)
            try anchor.runChangingOneRow()
        }
    }

    private static func changed(
        _ table: String, _ contents: BackupContents, _ renewed: BackupContents
    ) -> [[BackupContents.Value]] {
        zip(contents.rows[table] ?? [], renewed.rows[table] ?? []).filter(!=).map(\.1)
    }

    /// Whether there is a version of that name, of any key.
    func hasVersion(_ version: String) throws(DatabaseError) -> Bool {
        let select = try connection.prepare("SELECT 1 FROM versions WHERE version = ?")
        try select.bind(1, version)
        return try select.step()
    }

    private func insert(
        _ row: [BackupContents.Value], into table: String
    ) throws(DatabaseError) -> Int64 {
        let places = Array(repeating: "?", count: row.count).joined(separator: ", ")
        let insert = try connection.prepare("INSERT INTO \(table) VALUES (\(places))")
        for (index, value) in row.enumerated() {
            let place = Int32(index + 1)
            switch value {
            case .null: break
            case .integer(let number): try insert.bind(place, number)
            case .text(let text): try insert.bind(place, text)
            case .blob(let blob): try insert.bind(place, blob)
            }
        }
        try insert.runChangingOneRow()
        return connection.lastInsertedRowID
    }
}
