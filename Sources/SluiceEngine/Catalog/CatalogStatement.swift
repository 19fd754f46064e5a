internal import SluiceNative

/// A statement of the catalog, prepared when it is first used, so that a process that does one
/// thing pays for one statement.
struct CatalogStatement: Sendable {
    private let sql: String
    private let purpose: String
    private var statement: Statement?

    /// The statement `sql`; errors say that it was there to `purpose`, as in "look up an object".
    init(_ sql: String, to purpose: String) {
        self.sql = sql
        self.purpose = purpose
    }

    /// The statement, ready to bind and step; its user resets it.
    mutating func query(_ connection: Connection) throws(StoreError) -> CatalogQuery {
        if let statement { return CatalogQuery(statement: statement, purpose: purpose) }
        do throws(DatabaseError) {
            let prepared = try connection.prepare(sql)
            statement = prepared
            return CatalogQuery(statement: prepared, purpose: purpose)
        } catch {
            throw StoreError(catalog: error, purpose)
        }
    }
}

/// A prepared statement whose failures are the store's.
struct CatalogQuery: Sendable {
    let statement: Statement
    fileprivate let purpose: String

    func bind(_ index: Int32, _ value: Int) throws(StoreError) {
        try translated { () throws(DatabaseError) in try statement.bind(index, value) }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]) throws(StoreError) {
        try translated { () throws(DatabaseError) in try statement.bind(index, bytes) }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]?) throws(StoreError) {
        try translated { () throws(DatabaseError) in
            if let bytes {
                try statement.bind(index, bytes)
            } else {
                try statement.bind(index, nil)
            }
        }
    }

    func bind(_ index: Int32, _ text: String) throws(StoreError) {
        try translated { () throws(DatabaseError) in try statement.bind(index, text) }
    }

    /// Binds the beginning of a part of a directory's rows.
    func bind(
        scope: Int, _ directory: [UInt8], afterRow rowID: Int, limit: Int
    ) throws(StoreError) {
        try bind(1, scope)
        try bind(2, directory)
        try bind(3, rowID)
        try bind(4, limit)
    }

    /// Whether there is a row (another row).
    func step() throws(StoreError) -> Bool {
        try translated { () throws(DatabaseError) in try statement.step() }
    }

    /// What `decode` makes of each row; the statement is reset.
    func rows<Row>(
        _ decode: (Statement) throws(StoreError) -> Row
    ) throws(StoreError) -> [Row] {
        defer { reset() }
        var rows: [Row] = []
        while try step() { rows.append(try decode(statement)) }
        return rows
    }

    /// The row ids that are the only column; the statement is reset.
    func rowIDs() throws(StoreError) -> [Int] {
        try rows { row throws(StoreError) in Int(row.int(0)) }
    }

    /// Runs a statement that has no rows, and resets it.
    func run() throws(StoreError) {
        defer { statement.reset() }
        _ = try step()
    }

    /// Runs a statement that has no rows with these bytes bound, which aren't copied, and resets it.
    func run(binding index: Int32, _ bytes: [UInt8]) throws(StoreError) {
        try translated { () throws(DatabaseError) in
            try statement.run(binding: index, bytes.span)
        }
    }

    /// Runs a statement that must change exactly one row, and resets it;
    /// ``StoreError/Code/damagedCatalog`` if it has changed none.
    func runChangingOneRow() throws(StoreError) {
        try run()
        try requireOneChangedRow()
    }

    /// Throws ``StoreError/Code/damagedCatalog`` unless the statement has changed exactly one row.
    func requireOneChangedRow() throws(StoreError) {
        try translated { () throws(DatabaseError) in
            try statement.connection.requireOneChangedRow()
        }
    }

    /// Runs a statement whose one parameter is a row id, and that must change exactly one row;
    /// ``StoreError/Code/damagedCatalog`` if it has changed none.
    func runChangingOneRow(rowID: Int) throws(StoreError) {
        try run(rowID: rowID)
        try requireOneChangedRow()
    }

    /// Runs a statement without rows whose one parameter is a row id.
    func run(rowID: Int) throws(StoreError) {
        try bind(1, rowID)
        try run()
    }

    func reset() {
        statement.reset()
    }

    @inline(__always)
    private func translated<Result>(
        _ body: () throws(DatabaseError) -> Result
    ) throws(StoreError) -> Result {
        do throws(DatabaseError) {
            return try body()
        } catch {
            throw StoreError(catalog: error, purpose)
        }
    }
}

extension Statement {
    /// A count of objects or bytes in a column. Nothing authenticates it, so it may be any number: it is
    /// taken for none, or for ``largestCount``, where it can't be one.
    func count(_ column: Int32) -> Int {
        min(max(Int(int(column)), 0), Self.largestCount)
    }

    /// More than any store holds, and little enough that a thousand of them add up.
    static var largestCount: Int { 1 << 53 }
}
