internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What a get of a tree would do: for a dry run. For one thread.
struct TreeGetPlan {
    let getter: TreeGetter
    let scan: SharedScan
    let prefix: String
    let options: TreeGetOptions
    let work: TreeWork
    private let links = LinkedGets()

    init(
        getter: TreeGetter, scan: SharedScan, prefix: String, options: TreeGetOptions,
        work: TreeWork
    ) {
        self.getter = getter
        self.scan = scan
        self.prefix = prefix
        self.options = options
        self.work = work
    }

    /// Notes what would be got and removed.
    ///
    /// - Parameter path: Of the directory, which need not be there.
    func run(_ first: TreeScan.Part<FoundObject>, _ path: String) throws(StoreError) {
        let root: Directory?
        let source: TreeSource?
        do throws(SystemError) {
            root = try FileSystem.exists(path) ? Directory.openGuarded(path) : nil
            source = if let root { try TreeSource(root, staysOnFileSystem: false) } else { nil }
        } catch {
            throw StoreError(system: error, "look at", otherwise: .cannotCreate)
        }
        var next: TreeScan.Part<FoundObject>? = first
        while work.goesOn, let part = next {
            for found in part.rows where work.goesOn { note(found, part.obstacle, source) }
            next = scan.next(work)
        }
        var reading = try getter.authorizer.reading(scan.scope)
        try getter.access.release(&reading) {}
        guard options.removesOthers, let root, work.goesOn else { return }
        guard work.isWhole else { return work.keepsOthers() }
        try TreeOthers(
            getter: getter, scope: scan.scope, prefix: prefix, root: root, options: options,
            work: work
        ).note()
    }

    private func note(_ found: FoundObject, _ obstacle: ObjectName?, _ source: TreeSource?) {
        let row = found.row
        var subject = "row \(row.rowID) of the catalog"
        do throws(StoreError) {
            guard let object = try scan.object(row) else { return }
            let name = try ObjectName(utf8: object.name)
            subject = name.description
            let path = Array(name.utf8.dropFirst(prefix.utf8.count))
            if options.excluded.matchBelow(path) { return }
            if let obstacle { throw TreeGetter.obstructed(name, by: obstacle) }
            if try isThere(object, found.content, path, source) {
                work.unchanged()
            } else {
                work.planned(name, byteCount: row.byteCount)
            }
        } catch {
            work.failed(subject, error)
        }
    }

    /// Whether an object is in the directory as it is.
    private func isThere(
        _ object: OpenObject, _ found: BlobContent, _ path: [UInt8], _ source: TreeSource?
    ) throws(StoreError) -> Bool {
        let file = try object.file()
        let state = try linkState(object, found, file)
        let wanted = WantedFile(object, file, options, linkState: state)
        let above = Array(Scope.directory(of: path))
        let name = String(decoding: path.dropFirst(above.count), as: UTF8.self)
        let directory = try translated("look for") { () throws(SystemError) in
            try source?.directory(above)
        }
        guard let directory else { return false }
        if file?.kind == .directory {
            return try translated("look at") { () throws(SystemError) in
                try wanted.isDirectory(directory)
            }
        }
        guard !options.getsUnchanged else { return false }
        if file?.kind == .symbolicLink {
            return wanted.linkTarget(name, in: directory)?.count == object.row.byteCount
        }
        let there = wanted.file(name, in: directory, byteCount: object.row.byteCount)
        guard let link = file?.link, let state else { return there != nil }
        if links.isFirst(link) {
            guard let there else { return false }
            links.note(LinkedGets.First(path: path, identity: there, state: state), of: link)
            return true
        }
        // Another name of a file is linked to the first.
        guard let there, let first = links.first(of: link) else { return false }
        return first.state != state || first.identity == there
    }

    /// See ``ObjectContents/linkState(of:_:)``; nil also if the object was replaced since it was found.
    private func linkState(
        _ object: OpenObject, _ found: BlobContent, _ file: FileProperties?
    ) throws(StoreError) -> [UInt8]? {
        guard let file, file.link != nil,
            let content = try getter.contents.content(of: object, found)
        else { return nil }
        return try getter.contents.linkState(of: content, file)
    }
}
