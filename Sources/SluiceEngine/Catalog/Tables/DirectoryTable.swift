internal import SluiceNative

/// The writer's side of `directories`: rows that are made with the first object below them, and go with
/// the last.
struct DirectoryTable: Sendable {
    /// Tags of directories known to exist; forgotten when anybody else commits or anything is removed.
    private var known: Set<[UInt8]> = []

    /// Some 100 bytes each.
    private static let knownCount = 1 << 16

    private var findRow = CatalogStatement(
        "SELECT 1 FROM directories WHERE scope = ?1 AND tag = ?2", to: "look up a directory")
    private var insertRow = CatalogStatement(
        """
        INSERT INTO directories (scope, tag, parent, revision, document) VALUES (?1, ?2, ?3, ?4, ?5)
        """, to: "store a directory")
    private var deleteRow = CatalogStatement(
        "DELETE FROM directories WHERE scope = ?1 AND tag = ?2", to: "remove a directory")
    private var findChild = CatalogStatement(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM objects WHERE scope = ?1 AND directory = ?2) \
        OR EXISTS (SELECT 1 FROM directories WHERE scope = ?1 AND parent = ?2)
        """, to: "look into a directory")

    /// Forgets what is known, for it may no longer be true.
    mutating func forget() {
        known.removeAll()
    }

    /// The tag of the directory that a basis takes to be there, if it isn't, and none of those that it would make.
    mutating func missingHolder(
        _ basis: DirectoryBasis, scope: Int, _ connection: Connection
    ) throws(StoreError) -> [UInt8]? {
        guard let holder = basis.holder else { return nil }
        for tag in basis.rows.map(\.tag) + [holder]
        where try isThere(tag, scope: scope, connection) { return nil }
        return holder
    }

    /// Makes those rows of a basis that are missing; nil, or else the tag of the directory that isn't there and
    /// of which there is no row, and nothing is made. `hasWritten` is set before anything is.
    mutating func make(
        _ basis: DirectoryBasis, scope: Int, hasWritten: inout Bool, _ connection: Connection
    ) throws(StoreError) -> [UInt8]? {
        var missing: [DirectoryRow] = []
        var isHeld = false
        for row in basis.rows where !isHeld {
            isHeld = try isThere(row.tag, scope: scope, connection)
            if !isHeld { missing.append(row) }
        }
        if !isHeld, let holder = basis.holder {
            guard try isThere(holder, scope: scope, connection) else { return holder }
        }
        for row in missing { try add(row, scope: scope, hasWritten: &hasWritten, connection) }
        return nil
    }

    /// Makes those of the rows that are missing, whatever else is there.
    mutating func make(
        all rows: [DirectoryRow], scope: Int, hasWritten: inout Bool, _ connection: Connection
    ) throws(StoreError) {
        // A repair has taken rows out.
        forget()
        for row in rows where try !isThere(row.tag, scope: scope, connection) {
            try add(row, scope: scope, hasWritten: &hasWritten, connection)
        }
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise; whether there was
    /// one.
    mutating func prune(
        _ directory: [UInt8], scope: Int, _ queries: inout DirectoryQueries,
        _ connection: Connection
    ) throws(StoreError) -> Bool {
        var tag = directory
        var isAnyGone = false
        while true {
            let child = try findChild.query(connection)
            try child.bind(1, scope)
            try child.bind(2, tag)
            let isInUse = try child.step()
            child.reset()
            guard !isInUse, let row = try queries.directory(scope: scope, tag: tag) else {
                return isAnyGone
            }
            forget()
            let delete = try deleteRow.query(connection)
            try delete.bind(1, scope)
            try delete.bind(2, tag)
            try delete.run()
            // In damaged pages it may not be where it was found.
            guard connection.changedRowCount == 1 else { return isAnyGone }
            isAnyGone = true
            tag = row.parent
        }
    }

    private mutating func isThere(
        _ tag: [UInt8], scope: Int, _ connection: Connection
    ) throws(StoreError) -> Bool {
        guard !known.contains(tag) else { return true }
        let query = try findRow.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, tag)
        guard try query.step() else { return false }
        remember(tag)
        return true
    }

    private mutating func remember(_ tag: [UInt8]) {
        if known.count >= Self.knownCount { known.removeAll(keepingCapacity: true) }
        known.insert(tag)
    }

    private mutating func add(
        _ row: DirectoryRow, scope: Int, hasWritten: inout Bool, _ connection: Connection
    ) throws(StoreError) {
        hasWritten = true
        try insert(row, scope: scope, connection)
        remember(row.tag)
    }

    private mutating func insert(
        _ row: DirectoryRow, scope: Int, _ connection: Connection
    ) throws(StoreError) {
        let query = try insertRow.query(connection)
        try query.bind(1, scope)
        try query.bind(2, row.tag)
        try query.bind(3, row.parent)
        try query.bind(4, row.revision)
        try query.bind(5, row.document)
        try query.runChangingOneRow()
    }
}
