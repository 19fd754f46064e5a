/// What a database of ours holds in its schema, to the byte: tables and indices, and nothing else.
///
/// Whoever writes the file can put a trigger, a view or an index into it, or exchange a table, and our own
/// statements would then do something else. So a schema is never believed: it is compared.
public struct DatabaseSchema: Sendable {
    /// The statements that make it, in order.
    public let statements: [String]

    /// By names.
    private let entries: [[UInt8]: Entry]

    /// What `sqlite_schema` has in a row beside the name.
    fileprivate struct Entry {
        let type: [UInt8]
        let table: [UInt8]
        /// Nil for an index that SQLite makes by itself.
        let sql: [UInt8]?
    }

    /// The schema that `statements` make: each begins with `CREATE TABLE NAME`, `CREATE INDEX NAME ON TABLE`
    /// or `CREATE UNIQUE INDEX NAME ON TABLE`, with single spaces, and ends without a semicolon, for so
    /// SQLite keeps it as it is.
    ///
    /// `uniqueCounts` is how many indices SQLite makes by itself for what must be unique in a table, where
    /// that is any.
    public init(_ statements: [String], uniqueCounts: [String: Int]) {
        self.statements = statements
        var entries: [[UInt8]: Entry] = [:]
        for statement in statements {
            let made = Self.whatIsMade(by: statement)
            entries[made.name] = Entry(
                type: Array((made.isTable ? "table" : "index").utf8), table: made.table,
                sql: Array(statement.utf8))
        }
        for (table, count) in uniqueCounts {
            for number in 1...max(1, count) {
                entries[Array("sqlite_autoindex_\(table)_\(number)".utf8)] = Entry(
                    type: Array("index".utf8), table: Array(table.utf8), sql: nil)
            }
        }
        self.entries = entries
    }

    /// What a statement makes, by its first words.
    private static func whatIsMade(
        by statement: String
    ) -> (isTable: Bool, name: [UInt8], table: [UInt8]) {
        var words = Array(statement.utf8).split(separator: UInt8(ascii: " "), maxSplits: 6)[1...]
        if words.first?.elementsEqual("UNIQUE".utf8) == true { words.removeFirst() }
        let (type, name) = (words[words.startIndex], Array(words[words.startIndex + 1]))
        let isTable = type.elementsEqual("TABLE".utf8)
        return (isTable, name, isTable ? name : Array(words[words.startIndex + 3]))
    }

    /// What would take out of a database what isn't in this schema, and put in the indices that are missing.
    ///
    /// Nil if a table of this schema is missing or another: no statement brings its rows back. `rows` is as
    /// for ``difference(_:)``.
    func corrections(_ rows: Statement) throws(DatabaseError) -> [Correction]? {
        var missing = entries
        var corrections: [Correction] = []
        while try rows.step() {
            let name = rows.bytes(1)
            let entry = entries[name]
            if let entry, entry.isRow(rows) {
                missing[name] = nil
                continue
            }
            // Indices without a statement go with their tables.
            if rows.holds(Array("index".utf8), in: 0), rows.isNull(3) { continue }
            let (type, text) = (rows.text(0), rows.text(1))
            let place = rows.holds(name, in: 2) ? "" : " on '\(rows.text(2))'"
            let quoted = text.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"")
            corrections.append(
                Correction(
                    subject: "the \(type) '\(text)'\(place)",
                    statement: "DROP \(type) IF EXISTS \"\(quoted)\""))
        }
        for statement in statements {
            let made = Self.whatIsMade(by: statement)
            guard missing.removeValue(forKey: made.name) != nil else { continue }
            guard !made.isTable else { return nil }
            corrections.append(Correction(subject: nil, statement: statement))
        }
        return missing.isEmpty ? corrections : nil
    }

    /// A statement that brings a database nearer to its schema.
    struct Correction {
        /// What it takes out, in words; nil where it puts something in.
        let subject: String?
        let statement: String
    }

    /// Whether the present one of `rows`, as for ``difference(_:)``, is of this schema.
    func isExpected(_ rows: Statement) -> Bool { entries[rows.bytes(1)]?.isRow(rows) ?? false }

    /// In which way what a database holds differs first, in words; nil if it doesn't.
    ///
    /// `rows` has a type, a name, a table and a statement in each of its rows.
    func difference(_ rows: Statement) throws(DatabaseError) -> String? {
        var missing = entries
        while try rows.step() {
            let name = rows.bytes(1)
            let entry = missing.removeValue(forKey: name)
            if let entry, entry.isRow(rows) { continue }
            let what = "the \(rows.text(0)) '\(rows.text(1))'"
            guard entry == nil else { return "\(what) is not as Sluice makes it" }
            let place = rows.holds(name, in: 2) ? "" : " on '\(rows.text(2))'"
            return "\(what)\(place) is not one that Sluice makes"
        }
        let first = missing.min { $0.key.lexicographicallyPrecedes($1.key) }
        return first.map { name, entry in
            let type = String(decoding: entry.type, as: UTF8.self)
            return "the \(type) '\(String(decoding: name, as: UTF8.self))' is missing"
        }
    }
}

extension DatabaseSchema.Entry {
    fileprivate func isRow(_ row: Statement) -> Bool {
        guard row.holds(type, in: 0), row.holds(table, in: 2) else { return false }
        guard let sql else { return row.isNull(3) }
        return row.holds(sql, in: 3)
    }
}
