internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The runs of a store: files with the names of directories that have many, in order, so that a listing need not open
/// and sort them all. Thread-safe.
///
/// Invariants:
/// - A run has no authority. It says in which order to look names up, and each is looked up when it is listed. What
///   can't be read of one, or isn't what was sealed for its place, is as if it weren't there.
/// - A run hides no name. As long as the row of a mark is there unchanged, new rows come behind it and are read from
///   the catalog; of those before it, the first listing of a process compares the numbers with the run's.
/// - Nobody waits for one to be written but who closes the store, and nothing fails if it can't be.
final class ListingRuns: Sendable, StoreComponent {
    private struct State {
        /// Whether one is being written, or about to be: it takes as much memory as the listing that made it.
        var isWriting = false
        /// The one that is about to be.
        var next: Contents?
        /// The salts of those that were compared with the catalog.
        var compared: Set<[UInt8]> = []
    }

    /// What a run is made of.
    struct Contents: Sendable {
        /// Names in any order.
        var names: NameRun
        /// Those that an older run has besides.
        var older: StoredRun?
        /// As far as the names were read.
        var walk: DirectoryWalk
    }

    let context: StoreContext
    /// How many names a directory has that has a run, at least.
    let leastNameCount: Int
    private let line = WorkLine()
    private let state = Guarded(State())

    private static let pageCount = 10_000
    /// A number that no row comes to by itself. Behind a higher one that somebody has planted a new row may not come.
    private static let highestRowID = 1 << 40
    private static let comparedCount = 1024

    init(context: StoreContext, leastNameCount: Int) {
        self.context = context
        self.leastNameCount = leastNameCount
    }

    /// Waits until the one that is being written is.
    func finish() {
        line.wait()
    }

    // MARK: Reading

    /// Whether a scope has runs at all, so that a walk through many directories need not look for that of each.
    func hasAny(in scope: Scope) -> Bool {
        guard let files else { return false }
        return (try? Self.runDirectory(of: scope, files)) != nil
    }

    private static func runDirectory(
        of scope: Scope, _ files: StoreFiles
    ) throws(SystemError) -> Directory {
        try files.directory.openDirectory(StoreLayout.runs)
            .openDirectory(StoreLayout.runsName(ofScope: scope.record.scopeID))
    }

    /// The run of a directory with this tag, if there is one that can be read.
    func open(_ directory: [UInt8], in scope: Scope) -> StoredRun? {
        guard let files else { return nil }
        do throws(StoreError) {
            guard let file = try Self.file(directory, scope, files) else { return nil }
            return try StoredRun(file, of: directory, in: scope)
        } catch {
            note(error, directory, in: scope)
            return nil
        }
    }

    private static func file(
        _ directory: [UInt8], _ scope: Scope, _ files: StoreFiles
    ) throws(StoreError) -> File? {
        do throws(SystemError) {
            let runs = try runDirectory(of: scope, files)
            let name = StoreLayout.runName(ofDirectory: directory)
            guard try runs.status(name).kind == .regular else { return nil }
            return try runs.openFile(name)
        } catch {
            guard error.isNotFound else { throw StoreError(system: error, "open a run") }
            return nil
        }
    }

    /// Takes note of what keeps a run from being read: one that isn't what was written goes.
    func note(_ error: StoreError, _ directory: [UInt8], in scope: Scope) {
        logger.debug("a run can't be read, and isn't needed", metadata: ["error": "\(error)"])
        guard error.code == .integrity else { return }
        remove(directory, in: scope)
    }

    private func remove(_ directory: [UInt8], in scope: Scope) {
        guard let files, files.isWritable else { return }
        try? Self.runDirectory(of: scope, files)
            .unlinkIfThere(StoreLayout.runName(ofDirectory: directory))
    }

    /// Whether a run has all rows up to where a walk has come to. It hasn't only if somebody has put an older catalog
    /// in the place of the one that it was made of: then it goes.
    func isWhole(
        _ run: StoredRun, upTo walk: DirectoryWalk, in scope: Scope
    ) throws(StoreError) -> Bool {
        guard !state.withLock({ $0.compared.contains(run.salt) }) else { return true }
        var known: (objects: [Int], directories: [Int]) = ([], [])
        do throws(StoreError) {
            var rest = run.fromStart
            while let names = try rest.nextNames() {
                names.appendRows(objects: &known.objects, directories: &known.directories)
            }
        } catch {
            note(error, walk.tag, in: scope)
            return false
        }
        if walk.path.isEmpty, let rowID = try rowOfVersions(scope) {
            known.directories.append(rowID)
        }
        let present = try rows(of: walk, scope)
        let isWhole =
            Self.have(known.objects, present.objects, upTo: walk.objects.rowID)
            && Self.have(known.directories, present.directories, upTo: walk.directories.rowID)
        guard isWhole else {
            remove(walk.tag, in: scope)
            return false
        }
        state.withLock { state in
            if state.compared.count >= Self.comparedCount { state.compared = [] }
            state.compared.insert(run.salt)
        }
        return true
    }

    /// The row of the directory that has the versions, which isn't listed with the others.
    private func rowOfVersions(_ scope: Scope) throws(StoreError) -> Int? {
        let tag = try scope.tag(ofDirectory: VersionName.root[...])
        return try catalog.directory(scope: scope.record.rowID, tag: tag)?.rowID
    }

    /// Whether rows are all known, up to `end`.
    private static func have(_ known: [Int], _ rowIDs: [Int], upTo end: Int) -> Bool {
        let known = known.sorted()
        var place = 0
        for rowID in rowIDs {
            guard rowID <= end else { return true }
            while place < known.count, known[place] < rowID { place += 1 }
            guard place < known.count, known[place] == rowID else { return false }
        }
        return true
    }

    /// The rows that are in a directory now, in their order.
    private func rows(
        of walk: DirectoryWalk, _ scope: Scope
    ) throws(StoreError) -> (objects: [Int], directories: [Int]) {
        let (catalog, scopeRowID) = (catalog, scope.record.rowID)
        return (
            try Self.all { last throws(StoreError) in
                try catalog.objectRowIDs(
                    scope: scopeRowID, directory: walk.tag, afterRow: last, limit: Self.pageCount)
            },
            try Self.all { last throws(StoreError) in
                try catalog.directoryRowIDs(
                    scope: scopeRowID, parent: walk.tag, afterRow: last, limit: Self.pageCount)
            }
        )
    }

    private static func all(
        _ nextPage: (_ afterRow: Int) throws(StoreError) -> [Int]
    ) throws(StoreError) -> [Int] {
        var rowIDs: [Int] = []
        while true {
            let page = try nextPage(rowIDs.last ?? .min)
            guard !page.isEmpty else { return rowIDs }
            rowIDs += page
        }
    }

    // MARK: Writing

    /// Has a run written soon, unless another is.
    func write(_ contents: @autoclosure () -> Contents, in scope: Scope) {
        guard let files, files.isWritable else { return }
        let isFirst = state.withLock { state in
            guard !state.isWriting else { return false }
            state.isWriting = true
            state.next = contents()
            return true
        }
        guard isFirst else { return }
        let isBegun = line.add { [self] in writeNext(scope) }
        if !isBegun { end() }
    }

    private func writeNext(_ scope: Scope) {
        defer { end() }
        // Nobody else has them by then, so that they are wiped.
        let next = state.withLock { state in
            defer { state.next = nil }
            return state.next
        }
        guard var contents = next else { return }
        defer { contents.names.removeAll() }
        do throws(StoreError) {
            try write(&contents, scope)
        } catch {
            logger.debug("a run can't be written", metadata: ["error": "\(error)"])
        }
    }

    private func end() {
        state.withLock { state in
            state.isWriting = false
            state.next = nil
        }
    }

    private func write(_ contents: inout Contents, _ scope: Scope) throws(StoreError) {
        let walk = contents.walk
        guard let files, max(walk.objects.rowID, walk.directories.rowID) <= Self.highestRowID else {
            return
        }
        let name = StoreLayout.runName(ofDirectory: walk.tag)
        let unfinished = StoreLayout.unfinishedName(ofRun: name)
        let runs: Directory
        let file: File
        do throws(SystemError) {
            runs = try files.directory.openOrMakeDirectory(StoreLayout.runs)
                .openOrMakeDirectory(StoreLayout.runsName(ofScope: scope.record.scopeID))
            let staging = Staging(directory: runs)
            try staging.removeIfAbandoned(unfinished)
            // Another process that writes it has it locked.
            file = try staging.claim(unfinished)
        } catch {
            throw StoreError(system: error, "write a run", otherwise: .cannotCreate)
        }
        do throws(StoreError) {
            try write(&contents, to: file, scope)
            try translated("write a run") { () throws(SystemError) in
                try runs.replace(name, with: unfinished)
            }
        } catch {
            try? runs.unlink(unfinished)
            throw error
        }
    }

    private func write(
        _ contents: inout Contents, to file: File, _ scope: Scope
    ) throws(StoreError) {
        contents.names.sort()
        let walk = contents.walk
        var run = try RunFile(file, of: walk.tag, in: scope, salt: library.revision())
        var names = NameRun()
        var older = contents.older?.fromStart
        // What has gone since the older one was made.
        let rows = older == nil ? nil : try rows(of: walk, scope)
        let present = rows.map { (objects: Set($0.objects), directories: Set($0.directories)) }
        while true {
            while names.isAtEnd, let more = try older?.nextNames() { names = more }
            guard let name = NameRun.next(&names, &contents.names) else { break }
            let isThere = present.map {
                (name.isDirectory ? $0.directories : $0.objects).contains(name.rowID)
            }
            guard isThere != false else { continue }
            try run.append(name)
        }
        try run.finish(
            objects: walk.objects.marks.map(\.inIndex),
            directories: walk.directories.marks.map(\.inIndex))
    }

    // MARK: Removing

    /// Removes the runs of scopes that were removed.
    func remove(ofScopes scopes: [RemovedScope]) {
        guard let files, files.isWritable else { return }
        for scope in scopes {
            let name = StoreLayout.runsName(ofScope: scope.scopeID)
            try? FileSystem.remove(tree: "\(files.path)/\(StoreLayout.runs)/\(name)")
        }
    }

    /// Removes what those left who died while they wrote one.
    func removeUnfinished() {
        guard let files, files.isWritable else { return }
        do throws(SystemError) {
            guard try files.directory.hasDirectory(StoreLayout.runs) else { return }
            let runs = try files.directory.openDirectory(StoreLayout.runs)
            for name in try runs.names().compactMap(\.string) where try runs.hasDirectory(name) {
                let directory = try runs.openDirectory(name)
                for name in try directory.names().compactMap(\.string)
                where name.hasSuffix(StoreLayout.unfinishedSuffix) {
                    try Staging(directory: directory).removeIfAbandoned(name)
                }
            }
        } catch {
            logger.debug("runs can't be looked through", metadata: ["error": "\(error)"])
        }
    }

    /// Removes all runs of a store: what a repair changes in its catalog doesn't show in them.
    static func removeAll(_ files: StoreFiles) throws(StoreError) {
        try translated("remove the runs") { () throws(SystemError) in
            guard try files.directory.hasDirectory(StoreLayout.runs) else { return }
            try FileSystem.remove(tree: "\(files.path)/\(StoreLayout.runs)")
        }
    }
}

extension RowPath {
    /// A way that has come as far as a run says.
    init(_ marks: [RunIndex.Mark]) {
        self.init(marks: marks.map { Mark(rowID: $0.rowID, id: $0.revision) })
    }
}

extension RowPath.Mark {
    fileprivate var inIndex: RunIndex.Mark { RunIndex.Mark(rowID: rowID, revision: id) }
}
