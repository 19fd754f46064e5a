internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Gets what is below a prefix: several threads share a scan of it, of which nobody makes a list. Thread-safe.
final class TreeGetter: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let ownFiles: OwnFiles
    let finder: ObjectFinder
    let contents: ObjectContents
    let objectReader: ObjectReader
    let readRewrapper: ReadRewrapper

    init(
        context: StoreContext, registry: ScopeRegistry, ownFiles: OwnFiles, finder: ObjectFinder,
        contents: ObjectContents, objectReader: ObjectReader, readRewrapper: ReadRewrapper
    ) {
        self.context = context
        self.registry = registry
        self.ownFiles = ownFiles
        self.finder = finder
        self.contents = contents
        self.objectReader = objectReader
        self.readRewrapper = readRewrapper
    }

    func get(
        _ prefix: String, into path: String, in scopeName: ScopeName,
        progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let prefix = TreeNames.directoryPrefix(prefix)
        let scan = SharedScan(try finder.scan(prefix, in: scopeName))
        let work = TreeWork(progress, totals: nil, cancellation)
        // Before anything is made.
        guard let first = scan.next(work) else {
            _ = try work.finish()
            throw StoreError.nothingBelow(prefix)
        }
        try ownFiles.requireForeign(path)
        let root: Directory
        do throws(SystemError) {
            try FileSystem.makeDirectories(path)
            root = try Directory.openGuarded(path)
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
        let firstPart = Mutex<TreeScan.Part<FoundObject>?>(first)
        Crew.run(threads: workers.count) { [self] in
            var target = TreeTarget(root: root, prefixByteCount: prefix.utf8.count)
            while work.goesOn, let part = firstPart.withLock({ $0.take() }) ?? scan.next(work) {
                for found in part.rows where work.goesOn {
                    get(found, obstacle: part.obstacle, scan, into: &target, work)
                }
            }
        }
        return try work.finish()
    }

    /// Gets one object to a file; what is wrong with it is noted.
    private func get(
        _ found: FoundObject, obstacle: ObjectName?, _ scan: SharedScan,
        into target: inout TreeTarget, _ work: TreeWork
    ) {
        var subject = "row \(found.row.rowID) of the catalog"
        do throws(StoreError) {
            guard let object = try scan.object(found.row) else { return }
            let name = try ObjectName(utf8: object.name)
            subject = name.description
            if let obstacle {
                throw StoreError(
                    .invalidName,
                    "'\(name)' was left out: '\(obstacle)' is an object as well as a directory",
                    about: .object(name.description), remedies: [.run(.getAlone(name.description))])
            }
            try get(name, object, found.content, scan.scope, into: &target, work.cancellation)
            work.done(byteCount: object.row.byteCount)
        } catch {
            work.failed(subject, error)
        }
    }

    private func get(
        _ name: ObjectName, _ object: OpenObject, _ place: BlobContent, _ scope: Scope,
        into target: inout TreeTarget, _ cancellation: Cancellation
    ) throws(StoreError) {
        do throws(StoreError) {
            if let content = try contents.content(of: object, place) {
                try objectReader.write(
                    content, 0..<object.row.byteCount, to: target.begin(name), progress: nil,
                    cancellation)
                return readRewrapper.offerIfOld(object)
            }
        } catch {
            guard error.isMissingBlob else { throw error.ofRead(name) }
        }
        // Replaced or removed since its row was read.
        _ = try contents.withContent(of: name, in: scope.record.name) {
            content throws(StoreError) in
            try objectReader.write(
                content, 0..<content.object.row.byteCount, to: target.begin(name), progress: nil,
                cancellation)
        }
    }
}

/// A scan that several threads take their next objects from.
private final class SharedScan: Sendable {
    let scope: Scope
    private let scan: Mutex<TreeScan>
    private let opener: TreeScan

    init(_ scan: TreeScan) {
        scope = scan.scope
        opener = scan
        self.scan = Mutex(scan)
    }

    /// The next objects; nil at the end, which is also where the catalog can't be read.
    func next(_ work: TreeWork) -> TreeScan.Part<FoundObject>? {
        scan.withLock { scan in
            do throws(StoreError) {
                return try scan.nextContents()
            } catch {
                work.end(error)
                return nil
            }
        }
    }

    /// The object of a row that was given.
    func object(_ row: ObjectRow) throws(StoreError) -> OpenObject? { try opener.object(row) }
}
