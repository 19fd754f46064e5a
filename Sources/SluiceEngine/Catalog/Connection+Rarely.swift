internal import SluiceNative

/// For what is rarely asked: statements that are prepared anew each time.
extension Connection {
    /// The integer that `sql` yields. Prepared anew each time: for what is rare.
    func integer(_ sql: String) throws(StoreError) -> Int {
        var statement = CatalogStatement(sql, to: "read the catalog")
        let query = try statement.query(self)
        defer { query.reset() }
        return try query.step() ? Int(query.statement.int(0)) : 0
    }

    /// Calls `body` with each row that `sql` yields.
    func forEachRow(
        _ sql: String, _ body: (Statement) throws(StoreError) -> Void
    ) throws(StoreError) {
        var statement = CatalogStatement(sql, to: "read the catalog")
        let query = try statement.query(self)
        defer { query.reset() }
        while try query.step() { try body(query.statement) }
    }

    /// Calls `body` with each value of an indexed column, until it says no: from each to the next by the index,
    /// however many rows have it. The statement finds the least one from a first on.
    ///
    /// - Returns: Whether they came in order: in damaged pages a way on can lead back, and ends this.
    @discardableResult
    func forEachValue(
        _ least: String, to purpose: String, _ body: (Int) throws(StoreError) -> Bool
    ) throws(StoreError) -> Bool {
        var next = CatalogStatement(least, to: purpose)
        var first = Int.min
        while true {
            let query = try next.query(self)
            defer { query.reset() }
            try query.bind(1, first)
            guard try query.step(), !query.statement.isNull(0) else { return true }
            let value = Int(query.statement.int(0))
            guard try body(value) else { return true }
            guard value >= first else { return false }
            guard value < Int.max else { return true }
            first = value + 1
        }
    }
}
