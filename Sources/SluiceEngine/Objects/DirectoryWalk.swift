internal import SluiceFormat

/// A way through what is directly in one directory, part by part, in the order of rows: whatever lists,
/// gets, removes or sweeps objects by the beginning of their names goes this way.
///
/// Each part is a short read transaction. What comes into the directory on the way is met behind the rest; what
/// goes may have been met.
struct DirectoryWalk: Sendable {
    /// The directory's path: empty, or with a `/` at its end.
    let path: [UInt8]
    private let tag: [UInt8]
    private let scope: Scope
    private let catalog: Catalog
    private var objects = RowPath()
    private var directories = RowPath()

    /// Rows of a part: of objects with their bytes, up to 64 KiB each, fewer.
    private static let partCount = 256
    private static let contentPartCount = 64

    init(_ path: [UInt8], in scope: Scope, _ catalog: Catalog) throws(StoreError) {
        self.path = path
        self.scope = scope
        self.catalog = catalog
        tag = try scope.tag(ofDirectory: path[...])
    }

    /// The next objects; none at the end, until some come.
    mutating func nextObjects() throws(StoreError) -> [ObjectRow] {
        let (scopeRowID, tag, last) = (scope.record.rowID, tag, objects.rowID)
        let rows = try catalog.read { reader throws(StoreError) in
            try reader.objects(
                scope: scopeRowID, directory: tag, afterRow: last, limit: Self.partCount)
        }
        if let row = rows.last { objects.pass(RowPath.Mark(row)) }
        return rows
    }

    /// The next objects, likewise, with where their bytes are.
    mutating func nextContents() throws(StoreError) -> [FoundObject] {
        let (scopeRowID, tag, last) = (scope.record.rowID, tag, objects.rowID)
        let found = try catalog.read { reader throws(StoreError) in
            try reader.objectsWithContent(
                scope: scopeRowID, directory: tag, afterRow: last, limit: Self.contentPartCount)
        }
        if let row = found.last?.row { objects.pass(RowPath.Mark(row)) }
        return found
    }

    /// The paths of the next directories; none at the end, until some come.
    mutating func nextDirectories() throws(StoreError) -> [[UInt8]] {
        let (scopeRowID, tag, last) = (scope.record.rowID, tag, directories.rowID)
        let rows = try catalog.read { reader throws(StoreError) in
            try reader.directories(
                scope: scopeRowID, parent: tag, afterRow: last, limit: Self.partCount)
        }
        if let row = rows.last { directories.pass(RowPath.Mark(row)) }
        var paths: [[UInt8]] = []
        for row in rows { paths.append(try scope.openDirectory(row)) }
        return paths
    }

    /// Makes sure that what has come since the last part is met.
    mutating func lookAgain() throws(StoreError) {
        let (scopeRowID, tag) = (scope.record.rowID, tag)
        let (objects, directories) = (objects, directories)
        (self.objects, self.directories) = try catalog.read { reader throws(StoreError) in
            var (objects, directories) = (objects, directories)
            try objects.goBack { mark throws(StoreError) in
                let row = try reader.object(scope: scopeRowID, rowID: mark.rowID)
                return row?.objectID == mark.id && row?.directory == tag
            }
            try directories.goBack { mark throws(StoreError) in
                try reader.directory(scope: scopeRowID, rowID: mark.rowID)?.revision == mark.id
            }
            return (objects, directories)
        }
    }
}

extension RowPath.Mark {
    fileprivate init(_ row: ObjectRow) {
        self.init(rowID: row.rowID, id: row.objectID)
    }

    fileprivate init(_ row: DirectoryRow) {
        self.init(rowID: row.rowID, id: row.revision)
    }
}
