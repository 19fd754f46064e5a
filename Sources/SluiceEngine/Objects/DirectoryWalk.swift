internal import SluiceFormat

/// A way through what is directly in one directory, part by part, in the order of rows: whatever lists,
/// gets, removes or sweeps objects by the beginning of their names goes this way.
///
/// Each part is a short read transaction. What comes into the directory on the way is met behind the rest; what
/// goes may have been met.
struct DirectoryWalk: Sendable {
    /// The directory's path: empty, or with a `/` at its end.
    let path: [UInt8]
    let tag: [UInt8]
    private let scope: Scope
    private let catalog: any CatalogStore
    /// How far it has come.
    private(set) var objects = RowPath()
    private(set) var directories = RowPath()

    /// Rows of a part: of objects with their bytes, up to 64 KiB each, fewer.
    private static let partCount = 256
    private static let contentPartCount = 64

    init(_ path: [UInt8], in scope: Scope, _ catalog: any CatalogStore) throws(StoreError) {
        self.path = path
        self.scope = scope
        self.catalog = catalog
        tag = try scope.tag(ofDirectory: path[...])
    }

    /// Goes on behind what somebody else has come to: the rows have to be looked for again.
    mutating func goOn(behind objects: RowPath, _ directories: RowPath) throws(StoreError) {
        (self.objects, self.directories) = (objects, directories)
        try lookAgain()
    }

    /// The next objects; none at the end, until some come.
    mutating func nextObjects() throws(StoreError) -> [ObjectRow] {
        let rows = try catalog.objects(
            scope: scope.record.rowID, directory: tag, afterRow: objects.rowID,
            limit: Self.partCount)
        if let row = rows.last { objects.pass(RowPath.Mark(row)) }
        return rows
    }

    /// The next objects, likewise, with where their bytes are.
    mutating func nextContents() throws(StoreError) -> [FoundObject] {
        let found = try catalog.objectsWithContent(
            scope: scope.record.rowID, directory: tag, afterRow: objects.rowID,
            limit: Self.contentPartCount)
        if let row = found.last?.row { objects.pass(RowPath.Mark(row)) }
        return found
    }

    /// The paths of the next directories; none at the end, until some come.
    mutating func nextDirectories() throws(StoreError) -> [[UInt8]] {
        try nextDirectoryRows().map(\.path)
    }

    /// The paths of the next directories, likewise, and the rows that they are in.
    mutating func nextDirectoryRows() throws(StoreError) -> [(path: [UInt8], rowID: Int)] {
        let rows = try catalog.directories(
            scope: scope.record.rowID, parent: tag, afterRow: directories.rowID,
            limit: Self.partCount)
        if let row = rows.last { directories.pass(RowPath.Mark(row)) }
        var found: [(path: [UInt8], rowID: Int)] = []
        for row in rows { found.append((try scope.openDirectory(row), row.rowID)) }
        // Versions are not among the objects.
        if path.isEmpty { found.removeAll { $0.path == VersionName.root } }
        return found
    }

    /// Makes sure that what has come since the last part is met.
    mutating func lookAgain() throws(StoreError) {
        let (catalog, scopeRowID, tag) = (catalog, scope.record.rowID, tag)
        try objects.goBack { mark throws(StoreError) in
            let row = try catalog.object(scope: scopeRowID, rowID: mark.rowID)
            return row?.revision == mark.id && row?.directory == tag
        }
        try directories.goBack { mark throws(StoreError) in
            try catalog.directory(scope: scopeRowID, rowID: mark.rowID)?.revision == mark.id
        }
    }
}

extension RowPath.Mark {
    fileprivate init(_ row: ObjectRow) {
        // Versions share their objects' ids.
        self.init(rowID: row.rowID, id: row.revision)
    }

    fileprivate init(_ row: DirectoryRow) {
        self.init(rowID: row.rowID, id: row.revision)
    }
}
