internal import SluiceAccess
internal import SluiceFormat

/// A walk through a scope's directories in byte order of names, page by page.
///
/// Of the directories that it is in, it keeps the names that are still to come, or takes them from a run. Each page is
/// as the catalog is when it is made: names that have come meanwhile are read in, and of each object its row is looked
/// at once more.
struct SortedWalk: Sendable {
    /// A directory that was entered.
    private struct Level: Sendable {
        var walk: DirectoryWalk
        var names = NameRun()
        /// Where those come from that are behind them.
        var stored: StoredRun?
        /// Whether what is still to come is behind what isn't to be listed.
        var isPastMarker = true
        /// How many names of the run have gone.
        var goneCount = 0
        /// Those that came after the others were read.
        var added = NameRun()
        /// Rows of the next objects, the last one first, as this page finds them.
        var ahead: [(rowID: Int, object: OpenObject?)] = []

        mutating func next() throws(StoreError) -> NameRun.Name? {
            while names.isAtEnd, let more = try stored?.nextNames() {
                names.removeAll()
                names = more
            }
            return NameRun.next(&names, &added)
        }
    }

    let scope: Scope
    private let finder: ObjectFinder
    private let runs: ListingRuns
    /// Whether there were any when the walk began: one that has come since is for the next.
    private let hasRuns: Bool
    private let isRecursive: Bool
    private let prefix: [UInt8]
    /// What was listed last, or is not to be listed.
    private var after: [UInt8]?
    private var levels: [Level] = []

    /// A walk that is before the first name of a listing; it enters the directory that the prefix is in.
    init(
        _ options: ListOptions, after: [UInt8]?, in scope: Scope, _ finder: ObjectFinder,
        _ runs: ListingRuns
    ) throws(StoreError) {
        self.scope = scope
        self.finder = finder
        self.runs = runs
        hasRuns = runs.hasAny(in: scope)
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
            keepWanted(of: &added, below: walk.path)
            guard !added.isAtEnd else { continue }
            added.sort()
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
            guard let name = try nextName() else {
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
                guard let object = try object(path, found) else {
                    try noteGone()
                    continue
                }
                after = path
                return .object(try object.info)
            case true where isRecursive:
                try enter(path)
            case true:
                guard try isThere(directory: path) else {
                    try noteGone()
                    continue
                }
                after = path
                return .directory(try ObjectName(utf8: path))
            }
        }
        return nil
    }

    /// The next name of the directory that was entered last, as far as it is to be listed.
    private mutating func nextName() throws(StoreError) -> NameRun.Name? {
        let index = levels.count - 1
        while let name = try nextNameOfRun() {
            guard levels[index].stored != nil else { return name }
            let path = levels[index].walk.path + name.bytes
            if isBehindPrefix(path) {
                levels[index].stored?.skipRest()
                levels[index].names.removeAll()
                continue
            }
            if !levels[index].isPastMarker {
                guard name.isDirectory ? isWanted(directory: path) : isWanted(path) else {
                    continue
                }
                levels[index].isPastMarker = true
            }
            return name
        }
        return nil
    }

    /// The next name, from the rows if the run turns out to be damaged.
    private mutating func nextNameOfRun() throws(StoreError) -> NameRun.Name? {
        let index = levels.count - 1
        do throws(StoreError) {
            return try levels[index].next()
        } catch {
            let walk = levels.removeLast().walk
            runs.note(error, walk.tag, in: scope)
            levels.append(try level(reading: walk.path))
            return try levels[index].next()
        }
    }

    private mutating func enter(_ path: [UInt8]) throws(StoreError) {
        let walk = try DirectoryWalk(path, in: scope, finder.catalog)
        if hasRuns, let run = runs.open(walk.tag, in: scope), let level = try level(walk, run) {
            levels.append(level)
        } else {
            levels.append(try level(reading: path))
        }
    }

    /// A directory whose rows are read. If they are many, its next listing finds a run.
    private func level(reading path: [UInt8]) throws(StoreError) -> Level {
        var walk = try DirectoryWalk(path, in: scope, finder.catalog)
        var names = try readNames(&walk)
        if names.count >= runs.leastNameCount {
            runs.write(ListingRuns.Contents(names: names.copied(), walk: walk), in: scope)
        }
        keepWanted(of: &names, below: path)
        names.sort()
        return Level(walk: walk, names: names)
    }

    /// A directory that has a run, and of which rows are read that the run doesn't have; nil if these may be all.
    private func level(
        _ walk: DirectoryWalk, _ run: StoredRun
    ) throws(StoreError) -> Level? {
        guard var walk = try resumed(walk, behind: run),
            try runs.isWhole(run, upTo: walk, in: scope)
        else { return nil }
        var added = try readNames(&walk)
        if added.count > run.nameCount / 8 {
            runs.write(
                ListingRuns.Contents(names: added.copied(), older: run, walk: walk), in: scope)
        }
        keepWanted(of: &added, below: walk.path)
        added.sort()
        var run = run
        let isWhole = after == nil && prefix.count <= walk.path.count
        if !isWhole { seek(&run, in: walk.path) }
        return Level(walk: walk, stored: run, isPastMarker: isWhole, added: added)
    }

    /// A walk that goes on behind the rows that a run has; nil if all of a kind that it goes by have gone.
    private func resumed(
        _ walk: DirectoryWalk, behind run: StoredRun
    ) throws(StoreError) -> DirectoryWalk? {
        var walk = walk
        try walk.goOn(behind: RowPath(run.index.objects), RowPath(run.index.directories))
        let hasSome =
            walk.objects.marks.isEmpty == run.index.objects.isEmpty
            && walk.directories.marks.isEmpty == run.index.directories.isEmpty
        return hasSome ? walk : nil
    }

    /// Has the run of a directory go on not far before the first name that is to be listed.
    private func seek(_ run: inout StoredRun, in path: [UInt8]) {
        var start = prefix.dropFirst(path.count)
        if let after, after.starts(with: path) {
            // Of directories, the one that the marker lies in is wanted, too.
            let rest = after[path.count...]
            let end = rest.firstIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? rest.endIndex
            if start.lexicographicallyPrecedes(rest[..<end]) { start = rest[..<end] }
        } else if let after, path.lexicographicallyPrecedes(after) {
            return run.skipRest()
        }
        run.seek(to: start)
    }

    /// Counts a name of a run that isn't there any more, and has the run written anew once they are many.
    private mutating func noteGone() throws(StoreError) {
        let index = levels.count - 1
        guard let run = levels[index].stored else { return }
        levels[index].goneCount += 1
        guard levels[index].goneCount == max(1, run.nameCount / 4) else { return }
        // Without what has come since this one was made: of that it is not known any more which names there were.
        let walk = try DirectoryWalk(levels[index].walk.path, in: scope, finder.catalog)
        guard let walk = try resumed(walk, behind: run) else { return }
        runs.write(ListingRuns.Contents(names: NameRun(), older: run, walk: walk), in: scope)
    }

    /// All names of a directory from where the walk through it is, in no order.
    private func readNames(_ walk: inout DirectoryWalk) throws(StoreError) -> NameRun {
        var names = NameRun()
        while true {
            let rows = try walk.nextObjects()
            guard !rows.isEmpty else { break }
            for object in try authenticate(rows) {
                names.append(
                    try rest(of: object.name, below: walk.path), isDirectory: false,
                    rowID: object.row.rowID)
            }
        }
        while true {
            let directories = try walk.nextDirectoryRows()
            guard !directories.isEmpty else { break }
            for (path, rowID) in directories {
                names.append(
                    try rest(of: path, below: walk.path), isDirectory: true, rowID: rowID)
            }
        }
        return names
    }

    /// Leaves out names in a directory that aren't to be listed.
    private func keepWanted(of names: inout NameRun, below path: [UInt8]) {
        guard after != nil || prefix.count > path.count else { return }
        names.keep { name, isDirectory in
            isDirectory ? isWanted(directory: path + name) : isWanted(path + name)
        }
    }

    /// Whether a path comes after all that begins with the prefix.
    private func isBehindPrefix(_ path: [UInt8]) -> Bool {
        !path.starts(with: prefix) && !prefix.starts(with: path)
            && prefix.lexicographicallyPrecedes(path)
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
