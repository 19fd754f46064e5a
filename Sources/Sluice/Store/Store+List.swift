internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault

extension Store {
    /// Lists objects and, if `options` are not recursive, directories, in byte order of names.
    ///
    /// A directory's names are sealed and so can't be sorted on disk: a listing opens every name of
    /// each directory that it enters, about 50 µs each on one core (10,000 names took 0.5 s), and no
    /// name of any other. Each page of a directory with a million names would cost most of a minute:
    /// ask for large pages there, or use directories.
    @available(*, noasync)
    public func list(
        _ options: ListOptions = ListOptions(), in scopeName: ScopeName = .default
    ) throws(StoreError) -> ListPage {
        guard options.limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        guard let scope = try findScope(scopeName) else {
            guard scopeName == .default else { throw Self.missingScope(scopeName) }
            try checkNoScopeIsLost(scopeName)
            return ListPage(entries: [], next: nil)
        }
        var listing = Listing(store: self, scope: scope, options: options)
        try listing.run()
        var reading = try reading(scope)
        return try access.release(&reading) { listing.page() }
    }
}

/// A walk through a scope's directories in byte order of names.
private struct Listing {
    /// Something in a directory: an object's row, or a directory below.
    private enum Child {
        case object(tag: [UInt8])
        case directory
    }

    let store: Store
    let scope: Scope
    let options: ListOptions
    private let prefix: [UInt8]
    private let after: [UInt8]?
    private var entries: [ListEntry] = []

    init(store: Store, scope: Scope, options: ListOptions) {
        self.store = store
        self.scope = scope
        self.options = options
        prefix = Array(options.prefix.utf8)
        after = options.after?.utf8
    }

    /// One more entry than the page has, to know whether another follows.
    private var isFull: Bool { entries.count > options.limit }

    mutating func run() throws(StoreError) {
        try enter(Array(Scope.directory(of: prefix)))
    }

    func page() -> ListPage {
        guard isFull else { return ListPage(entries: entries, next: nil) }
        let entries = Array(entries.prefix(options.limit))
        return ListPage(entries: entries, next: entries.last?.name)
    }

    private mutating func enter(_ path: [UInt8]) throws(StoreError) {
        let scopeRowID = scope.record.rowID
        for (name, child) in try children(of: path) {
            guard !isFull else { return }
            switch child {
            case .object(let tag):
                // Gone since, perhaps; or changed, and then it is listed as it is now.
                guard
                    let row = try store.catalog.read({ reader throws(StoreError) in
                        try reader.object(scope: scopeRowID, tag: tag)
                    })
                else { continue }
                let object = try authenticate(row)
                guard object.name == name else { continue }
                entries.append(.object(try object.info))
            case .directory where options.isRecursive:
                try enter(name)
            case .directory:
                entries.append(.directory(try ObjectName(utf8: name)))
            }
        }
    }

    /// What of a directory the listing has yet to show, in byte order. A directory's name ends in
    /// `/`, which puts it where the names in it belong.
    private func children(
        of path: [UInt8]
    ) throws(StoreError) -> [(name: [UInt8], child: Child)] {
        let scope = scope
        let store = store
        let tag = try scope.tag(ofDirectory: path[...])
        var children: [(name: [UInt8], child: Child)] = []
        let (objects, directories) = try store.catalog.read { reader throws(StoreError) in
            var objects: [(name: [UInt8], tag: [UInt8])] = []
            try reader.forEachObject(scope: scope.record.rowID, directory: tag) {
                row throws(StoreError) in
                let object = try authenticate(row)
                if isWanted(object.name) {
                    objects.append((object.name, row.tag))
                }
            }
            let directories = try reader.directories(scope: scope.record.rowID, parent: tag)
            return (objects, directories)
        }
        for object in objects { children.append((object.name, .object(tag: object.tag))) }
        for row in directories {
            let path = try scope.openDirectory(row)
            if isWanted(directory: path) { children.append((path, .directory)) }
        }
        children.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return children
    }

    private func authenticate(_ row: ObjectRow) throws(StoreError) -> OpenObject {
        do throws(StoreError) {
            return try store.authenticate(row, name: nil, in: scope)
        } catch {
            guard error.code == .integrity else { throw error }
            throw StoreError(
                .integrity,
                """
                nothing is listed, for \(error.message): run `sluice verify` to see what is wrong, and \
                `sluice verify --repair` to move it out of the way
                """, cause: error.cause)
        }
    }

    private func isWanted(_ name: [UInt8]) -> Bool {
        guard name.starts(with: prefix) else { return false }
        return after.map { $0.lexicographicallyPrecedes(name) } ?? true
    }

    private func isWanted(directory path: [UInt8]) -> Bool {
        guard path.starts(with: prefix) || prefix.starts(with: path) else { return false }
        guard let after else { return true }
        // A directory whose path is not after the marker still has names that are, if the marker
        // lies in it.
        return after.lexicographicallyPrecedes(path)
            || (options.isRecursive && after.starts(with: path))
    }
}
