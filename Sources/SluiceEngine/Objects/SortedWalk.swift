internal import SluiceAccess
internal import SluiceFormat

/// A walk through a scope's directories in byte order of names, page by page.
///
/// Of the directories that it is in, it keeps the names that are still to come. Each page is as the catalog is
/// when it is made: names that have come meanwhile are read in, and of each object its row is looked at once more.
struct SortedWalk: Sendable {
    /// A directory that was entered.
    private struct Level: Sendable {
        var walk: DirectoryWalk
        var names = NameRun()
        /// Those that came after the others were read.
        var added = NameRun()
        /// Rows of the next objects, the last one first, as this page finds them.
        var ahead: [(rowID: Int, object: OpenObject?)] = []

        mutating func next() -> NameRun.Name? { NameRun.next(&names, &added) }
    }

    let scope: Scope
    private let finder: ObjectFinder
    private let isRecursive: Bool
    private let prefix: [UInt8]
    /// What was listed last, or is not to be listed.
    private var after: [UInt8]?
    private var levels: [Level] = []

    /// A walk that is before the first name of a listing; it enters the directory that the prefix is in.
    init(
        _ options: ListOptions, after: [UInt8]?, in scope: Scope, _ finder: ObjectFinder
    ) throws(StoreError) {
        self.scope = scope
        self.finder = finder
        self.after = after
        prefix = (options.listsVersions ? VersionName.root : []) + Array(options.prefix.utf8)
        isRecursive = options.isRecursive
        try enter(Array(Scope.directory(of: prefix)))
    }

    /// The next page, of at most so many entries.
    mutating func page(limit: Int) throws(StoreError) -> ListPage {
        for index in levels.indices { levels[index].ahead = [] }
        var entries: [ListEntry] = []
        while entries.count < limit {
            guard let entry = try next(of: limit - entries.count) else {
                return ListPage(entries: entries, next: nil)
            }
            entries.append(entry)
        }
        // By a walk that is thrown away: what is behind this page is looked for again when it is asked for.
        var ahead = self
        let hasMore = try ahead.next(of: 1) != nil
        return ListPage(entries: entries, next: hasMore ? entries.last?.name : nil)
    }

    /// Reads in what has come since the last page.
    mutating func lookAgain() throws(StoreError) {
        for index in levels.indices {
            var walk = levels[index].walk
            try walk.lookAgain()
            var added = try readNames(&walk)
            levels[index].walk = walk
            guard !added.isAtEnd else { continue }
            added.append(rest: levels[index].added)
            added.sort()
            levels[index].added = added
        }
    }

    var keptNameCount: Int { levels.reduce(0) { $0 + $1.names.count + $1.added.count } }

    /// Wipes the names that are kept.
    mutating func removeAll() {
        for index in levels.indices {
            levels[index].names.removeAll()
            levels[index].added.removeAll()
        }
        levels = []
    }

    // MARK: Walking

    /// The next entry of the so many that the page has room for.
    private mutating func next(of count: Int) throws(StoreError) -> ListEntry? {
        while let index = levels.indices.last {
            guard let name = levels[index].next() else {
                levels.removeLast()
                continue
            }
            let path = levels[index].walk.path + name.bytes
            switch name.isDirectory {
            case false:
                if levels[index].ahead.last?.rowID != name.rowID {
                    levels[index].ahead = try objects(
                        levels[index].names.rowIDs(from: name.rowID, limit: min(count, 64)))
                }
                // Gone since, perhaps; or changed, and then it is listed as it is now.
                let found = levels[index].ahead.popLast()?.object
                guard let object = try object(path, found) else { continue }
                after = path
                return .object(try object.info)
            case true where isRecursive:
                try enter(path)
            case true:
                guard try isThere(directory: path) else { continue }
                after = path
                return .directory(try ObjectName(utf8: path))
            }
        }
        return nil
    }

    private mutating func enter(_ path: [UInt8]) throws(StoreError) {
        var walk = try DirectoryWalk(path, in: scope, finder.catalog)
        let names = try readNames(&walk)
        levels.append(Level(walk: walk, names: names))
    }

    /// The names of a directory from where the walk through it is, as far as they are to be listed.
    private func readNames(_ walk: inout DirectoryWalk) throws(StoreError) -> NameRun {
        var names = NameRun()
        while true {
            let rows = try walk.nextObjects()
            guard !rows.isEmpty else { break }
            for object in try authenticate(rows) {
                let name = object.name
                guard isWanted(name) else { continue }
                names.append(
                    try rest(of: name, below: walk.path), isDirectory: false,
                    rowID: object.row.rowID)
            }
        }
        while true {
            let paths = try walk.nextDirectories()
            guard !paths.isEmpty else { break }
            for path in paths where isWanted(directory: path) {
                names.append(try rest(of: path, below: walk.path), isDirectory: true)
            }
        }
        names.sort()
        return names
    }

    /// What a name has behind the path of its directory.
    private func rest(
        of name: [UInt8], below path: [UInt8]
    ) throws(StoreError) -> ArraySlice<UInt8> {
        guard name.starts(with: path), name.count <= Int(UInt16.max) else {
            throw StoreError(
                .integrity, "the catalog has a name in a directory that isn't its own")
        }
        return name[path.count...]
    }

    private func isWanted(_ name: [UInt8]) -> Bool {
        guard name.starts(with: prefix) else { return false }
        return after.map { $0.lexicographicallyPrecedes(name) } ?? true
    }

    private func isWanted(directory path: [UInt8]) -> Bool {
        guard path.starts(with: prefix) || prefix.starts(with: path) else { return false }
        guard let after else { return true }
        if after.lexicographicallyPrecedes(path) { return true }
        // A directory whose path is not after the marker still has names that are, if the marker
        // lies in it.
        return isRecursive && after.starts(with: path)
            && !levels.contains { $0.walk.path == path }
    }

    // MARK: Rows

    /// What is in these rows by now, the last one first.
    private func objects(
        _ rowIDs: [Int]
    ) throws(StoreError) -> [(rowID: Int, object: OpenObject?)] {
        let rows = try finder.catalog.objects(scope: scope.record.rowID, rowIDs: rowIDs)
        var objects = try authenticate(rows.compactMap(\.self))[...]
        var found: [(rowID: Int, object: OpenObject?)] = []
        for (rowID, row) in zip(rowIDs, rows) {
            found.append((rowID, row == nil ? nil : objects.popFirst()))
        }
        found.reverse()
        return found
    }

    /// The object of that name: what was found in its row, if it is still that.
    private func object(_ name: [UInt8], _ found: OpenObject?) throws(StoreError) -> OpenObject? {
        if let found, found.hasName(name) { return found }
        let tag = try finder.tag(of: try ObjectName(document: name), in: scope)
        let row = try finder.catalog.object(scope: scope.record.rowID, tag: tag)
        guard let row else { return nil }
        return try authenticate([row]).first { $0.hasName(name) }
    }

    private func isThere(directory path: [UInt8]) throws(StoreError) -> Bool {
        let tag = try scope.tag(ofDirectory: path[...])
        return try finder.catalog.directory(scope: scope.record.rowID, tag: tag) != nil
    }

    private func authenticate(_ rows: [ObjectRow]) throws(StoreError) -> [OpenObject] {
        do throws(StoreError) {
            return try finder.authenticate(rows, in: scope)
        } catch {
            guard error.code == .integrity else { throw error }
            throw StoreError(
                .integrity, "nothing is listed, for \(error.reason)",
                about: error.subject,
                remedies: [.run(.verify(store: nil)), .run(.repair(store: nil))],
                cause: error.cause)
        }
    }
}
