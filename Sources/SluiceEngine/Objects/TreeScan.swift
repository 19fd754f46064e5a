internal import SluiceFormat

/// Every object whose name begins with a prefix, in no order that matters: directory by directory, in the order of
/// rows. What is kept is a part of each directory on the way, however many objects there are.
struct TreeScan: Sendable {
    /// Objects of one directory.
    struct Part<Row: Sendable>: Sendable {
        /// The directory's path.
        let directory: [UInt8]
        /// An object, below the prefix, whose name is that of the directory or of one above it.
        let obstacle: ObjectName?
        let rows: [Row]
    }

    private struct Level: Sendable {
        var walk: DirectoryWalk
        let obstacle: ObjectName?
        var directories: [[UInt8]] = []
        var hasAllObjects = false
    }

    let scope: Scope
    private let finder: ObjectFinder
    private let prefix: [UInt8]
    private var levels: [Level]

    /// - Parameter isOfVersions: Whether to scan the versions of objects with such names, in place of the objects.
    init(
        _ prefix: String, in scope: Scope, _ finder: ObjectFinder, isOfVersions: Bool = false
    ) throws(StoreError) {
        self.scope = scope
        self.finder = finder
        self.prefix = (isOfVersions ? VersionName.root : []) + Array(prefix.utf8)
        let start = Array(Scope.directory(of: self.prefix))
        levels = [Level(walk: try DirectoryWalk(start, in: scope, finder.catalog), obstacle: nil)]
    }

    /// The next objects' rows, nil after the last.
    mutating func nextObjects() throws(StoreError) -> Part<ObjectRow>? {
        try next { walk throws(StoreError) in try walk.nextObjects() }
    }

    /// The next objects' rows, with where their bytes are; nil after the last.
    mutating func nextContents() throws(StoreError) -> Part<FoundObject>? {
        try next { walk throws(StoreError) in try walk.nextContents() }
    }

    /// The object of a row that was given; nil if its name doesn't begin with the prefix.
    func object(_ row: ObjectRow) throws(StoreError) -> OpenObject? {
        let object = try finder.authenticate(row, name: nil, in: scope)
        return object.name.starts(with: prefix) ? object : nil
    }

    private mutating func next<Row>(
        _ nextRows: (inout DirectoryWalk) throws(StoreError) -> [Row]
    ) throws(StoreError) -> Part<Row>? {
        while let index = levels.indices.last {
            if !levels[index].hasAllObjects {
                let rows = try nextRows(&levels[index].walk)
                if !rows.isEmpty {
                    return Part(
                        directory: levels[index].walk.path, obstacle: levels[index].obstacle,
                        rows: rows)
                }
                levels[index].hasAllObjects = true
            }
            if levels[index].directories.isEmpty {
                levels[index].directories = try levels[index].walk.nextDirectories()
            }
            guard let path = levels[index].directories.popLast() else {
                levels.removeLast()
                continue
            }
            guard path.starts(with: prefix) || prefix.starts(with: path) else { continue }
            var obstacle = levels[index].obstacle
            if obstacle == nil { obstacle = try self.obstacle(path) }
            levels.append(
                Level(
                    walk: try DirectoryWalk(path, in: scope, finder.catalog), obstacle: obstacle))
        }
        return nil
    }

    /// The object that has a directory's name, without the `/`.
    private func obstacle(_ path: [UInt8]) throws(StoreError) -> ObjectName? {
        guard path.count > prefix.count, let name = try? ObjectName(utf8: Array(path.dropLast()))
        else { return nil }
        let tag = try finder.tag(of: name, in: scope)
        let found = try finder.catalog.object(scope: scope.record.rowID, tag: tag)
        return found == nil ? nil : name
    }
}

extension ObjectFinder {
    /// A scan of what is below a prefix.
    func scan(_ prefix: String, in scopeName: ScopeName) throws(StoreError) -> TreeScan {
        guard let scope = try registry.scopeForRead(scopeName) else {
            throw StoreError.nothingBelow(prefix)
        }
        return try TreeScan(prefix, in: scope, self)
    }
}
