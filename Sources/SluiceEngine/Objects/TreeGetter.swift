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
    let authorizer: ReadAuthorizer

    init(
        context: StoreContext, registry: ScopeRegistry, ownFiles: OwnFiles, finder: ObjectFinder,
        contents: ObjectContents, objectReader: ObjectReader, readRewrapper: ReadRewrapper,
        authorizer: ReadAuthorizer
    ) {
        self.context = context
        self.registry = registry
        self.ownFiles = ownFiles
        self.finder = finder
        self.contents = contents
        self.objectReader = objectReader
        self.readRewrapper = readRewrapper
        self.authorizer = authorizer
    }

    func get(
        _ prefix: String, into path: String, in scopeName: ScopeName, options: TreeGetOptions,
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
        if options.isDryRun {
            try TreeGetPlan(
                getter: self, scan: scan, prefix: prefix, options: options, work: work
            ).run(first, path)
            return try work.finish()
        }
        let root: Directory
        let isNew: Bool
        do throws(SystemError) {
            isNew = try !FileSystem.exists(path)
            try FileSystem.makeDirectories(path)
            root = try Directory.openGuarded(path)
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
        let others = TreeOthers(
            getter: self, scope: scan.scope, prefix: prefix, root: root, options: options,
            work: work)
        if options.removesOthers, !options.removesAll, !isNew { try others.checkFew(in: path) }
        let links = LinkedGets()
        let start = TreeTarget(
            root: root, prefixByteCount: prefix.utf8.count,
            replacing: options.removesOthers ? work : nil)
        let firstPart = Mutex<TreeScan.Part<FoundObject>?>(first)
        Crew.run(threads: workers.count) { [self] in
            var target = start
            while work.goesOn, let part = firstPart.withLock({ $0.take() }) ?? scan.next(work) {
                for found in part.rows where work.goesOn {
                    get(found, obstacle: part.obstacle, scan, into: &target, links, others)
                }
            }
        }
        getLater(links, into: start, others)
        // A directory that was there and is only added to stays as it is.
        try TreeFinishing(others: others).run(restoresRoot: isNew || options.removesOthers)
        return try work.finish()
    }

    /// That an object is below another, which is got.
    static func obstructed(_ name: ObjectName, by obstacle: ObjectName) -> StoreError {
        let obstacle = obstacle.description
        return StoreError(
            .invalidName,
            "'\(name)' was left out: '\(obstacle)' is an object as well as a directory",
            about: .object(obstacle),
            remedies: [.run(.getTree(obstacle)), .run(.removeObject(obstacle))])
    }

    /// Gets one object to a file; what is wrong with it is noted.
    private func get(
        _ found: FoundObject, obstacle: ObjectName?, _ scan: SharedScan,
        into target: inout TreeTarget, _ links: LinkedGets, _ others: TreeOthers
    ) {
        let (options, work) = (others.options, others.work)
        var subject = "row \(found.row.rowID) of the catalog"
        do throws(StoreError) {
            guard let object = try scan.object(found.row) else { return }
            let name = try ObjectName(utf8: object.name)
            subject = name.description
            if options.excluded.matchBelow(target.path(of: name)) { return }
            if let obstacle { throw Self.obstructed(name, by: obstacle) }
            // Its mode and time it gets when all that is in it is there, and is counted then.
            let file = try object.file()
            if file?.kind == .directory {
                _ = try target.place(of: name, isDirectory: true)
                return
            }
            if let link = file?.link, !links.isFirst(link) { return links.postpone(name) }
            let got = try get(name, object, found.content, into: &target, others)
            if let link = file?.link, let first = got.first { links.note(first, of: link) }
            if got.isWritten {
                work.done(byteCount: object.row.byteCount)
            } else {
                work.unchanged()
            }
        } catch {
            work.failed(subject, error)
        }
    }

    /// Gets an object to where it goes.
    private func get(
        _ name: ObjectName, _ object: OpenObject, _ found: BlobContent,
        into target: inout TreeTarget, _ others: TreeOthers
    ) throws(StoreError) -> GotFile {
        do throws(StoreError) {
            let place = try target.place(of: name)
            if let content = try contents.content(of: object, found) {
                let got = try write(content, to: place, replacing: others)
                if got.isWritten { readRewrapper.offerIfOld(object) }
                return got
            }
        } catch {
            guard error.isMissingBlob else { throw error.ofRead(name) }
        }
        // Replaced or removed since its row was read.
        let place = try target.place(of: name)
        return try contents.withContent(of: name, in: others.scope.record.name) {
            content throws(StoreError) in
            try write(content, to: place, replacing: others)
        }
    }

    /// Writes an object to a file or a link, in place of a directory too if that may be removed.
    func write(
        _ content: ObjectContent, to place: TreeTarget.Place, replacing others: TreeOthers
    ) throws(StoreError) -> GotFile {
        do throws(StoreError) {
            return try write(content, to: place, others.options, others.work)
        } catch {
            guard error.code == .cannotCreate, place.isDirectory else { throw error }
            guard others.options.removesOthers,
                try others.remove(directory: place.name, in: place.directory, path: place.path)
            else { throw place.takenByDirectory(cause: error) }
            return try write(content, to: place, others.options, others.work)
        }
    }

    /// Writes an object to a file, or makes a symbolic link of it. What it couldn't be given is noted.
    private func write(
        _ content: ObjectContent, to place: TreeTarget.Place, _ options: TreeGetOptions,
        _ work: TreeWork
    ) throws(StoreError) -> GotFile {
        let object = content.object
        let file = try object.file()
        let state = try file.flatMap { file throws(StoreError) in
            try contents.linkState(of: content, file)
        }
        let wanted = WantedFile(object, file, options, linkState: state)
        let got: GotFile
        if file?.kind == .symbolicLink {
            let isWritten = try makeLink(content, wanted, place, options, work.cancellation)
            got = GotFile(isWritten: isWritten, first: nil)
        } else {
            let (isWritten, identity) = try writeFile(
                content, wanted, place, options, work.cancellation)
            let first = state.map {
                LinkedGets.First(path: place.path, identity: identity, state: $0)
            }
            got = GotFile(isWritten: isWritten, first: first)
        }
        if got.isWritten {
            let name = try ObjectName(utf8: object.name)
            if let refusal = wanted.refusal(of: name) { work.failed(name.description, refusal) }
        }
        return got
    }

    /// Writes an object to a file, unless it is there: whether it was written, and which file it is.
    private func writeFile(
        _ content: ObjectContent, _ wanted: WantedFile, _ place: TreeTarget.Place,
        _ options: TreeGetOptions, _ cancellation: Cancellation
    ) throws(StoreError) -> (isWritten: Bool, identity: FileStatus.Identity) {
        let object = content.object
        let there =
            options.getsUnchanged
            ? nil
            : wanted.file(place.name, in: place.directory, byteCount: object.row.byteCount)
        if let there {
            // It tells what the store has.
            var reading = try authorizer.reading(object)
            try access.release(&reading) {}
            return (false, there)
        }
        var target = try place.begin()
        target.wanted = wanted
        try objectReader.write(
            content, 0..<object.row.byteCount, to: target, progress: nil, cancellation)
        let status = try translated("write to") { [target] () throws(SystemError) in
            try target.file.status()
        }
        return (true, status.identity)
    }

    /// A symbolic link takes the place of what is there at once.
    private func makeLink(
        _ content: ObjectContent, _ wanted: WantedFile, _ place: TreeTarget.Place,
        _ options: TreeGetOptions, _ cancellation: Cancellation
    ) throws(StoreError) -> Bool {
        let target = try objectReader.bytes(of: content, .all, cancellation)
        let (directory, name) = (place.directory, place.name)
        if !options.getsUnchanged, wanted.linkTarget(name, in: directory) == target {
            return false
        }
        do throws(SystemError) {
            let partialName = try PartialFiles(directory: directory).makeSymbolicLink(to: target)
            do throws(SystemError) {
                try wanted.apply(toLink: partialName, in: directory)
                try directory.replace(name, with: partialName)
            } catch {
                try? directory.unlink(partialName)
                throw error
            }
        } catch {
            throw StoreError(system: error, "write to", otherwise: .cannotCreate)
        }
        return true
    }
}

/// What became of an object that was got.
struct GotFile {
    /// Whether it was written; it was there otherwise.
    let isWritten: Bool
    /// Where it is now, of a file that had several names.
    let first: LinkedGets.First?
}
