internal import SluiceFormat
internal import SluiceNative

/// The writer's side of `directories`: rows that are made with the first object below them, and go with
/// the last.
struct DirectoryTable: Sendable {
    /// Tags of directories known to exist; forgotten when anybody else commits or anything is removed.
    private var known: Set<[UInt8]> = []

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

    /// Makes the rows of the directories that hold `name`, as far as they are missing: those below the
    /// first that is there or, if `isRepair`, every one. `hasWritten` is set before anything is.
    mutating func make(
        holding name: ObjectName, in scope: Scope, isRepair: Bool, library: CryptoLibrary,
        hasWritten: inout Bool, _ connection: Connection
    ) throws(StoreError) {
        var path = Scope.directory(of: name.utf8)
        while !path.isEmpty {
            let tag = try scope.tag(ofDirectory: path)
            guard known.insert(tag).inserted || isRepair else { return }
            if try isThere(tag, scope: scope.record.rowID, connection) {
                guard isRepair else { return }
            } else {
                let row = try scope.sealDirectory(
                    path: path, tag: tag, revision: try library.revision())
                hasWritten = true
                try insert(row, scope: scope.record.rowID, connection)
            }
            path = Scope.parent(of: path)
        }
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise.
    mutating func prune(
        _ directory: [UInt8], scope: Int, _ reader: inout CatalogReader, _ connection: Connection
    ) throws(StoreError) {
        var tag = directory
        while true {
            let child = try findChild.query(connection)
            try child.bind(1, scope)
            try child.bind(2, tag)
            let isInUse = try child.step()
            child.reset()
            guard !isInUse, let row = try reader.directory(scope: scope, tag: tag) else { return }
            forget()
            let delete = try deleteRow.query(connection)
            try delete.bind(1, scope)
            try delete.bind(2, tag)
            try delete.run()
            // In damaged pages it may not be where it was found.
            guard connection.changedRowCount == 1 else { return }
            tag = row.parent
        }
    }

    private mutating func isThere(
        _ tag: [UInt8], scope: Int, _ connection: Connection
    ) throws(StoreError) -> Bool {
        let query = try findRow.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, tag)
        return try query.step()
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
