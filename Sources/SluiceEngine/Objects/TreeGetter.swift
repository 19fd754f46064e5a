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
        let root: Directory
        let isNew: Bool
        do throws(SystemError) {
            isNew = try !FileSystem.exists(path)
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
                    get(found, obstacle: part.obstacle, scan, into: &target, options, work)
                }
            }
        }
        let finishing = TreeFinishing(
            getter: self, scope: scan.scope, prefix: prefix, root: root, options: options,
            work: work)
        // A directory that was there and is only added to stays as it is.
        try finishing.run(restoresRoot: isNew || options.removesOthers)
        return try work.finish()
    }

    /// Gets one object to a file; what is wrong with it is noted.
    private func get(
        _ found: FoundObject, obstacle: ObjectName?, _ scan: SharedScan,
        into target: inout TreeTarget, _ options: TreeGetOptions, _ work: TreeWork
    ) {
        var subject = "row \(found.row.rowID) of the catalog"
        do throws(StoreError) {
            guard let object = try scan.object(found.row) else { return }
            let name = try ObjectName(utf8: object.name)
            subject = name.description
            if options.excluded.matchBelow(target.path(of: name)) { return }
            if let obstacle {
                throw StoreError(
                    .invalidName,
                    "'\(name)' was left out: '\(obstacle)' is an object as well as a directory",
                    about: .object(name.description), remedies: [.run(.getAlone(name.description))])
            }
            // Its mode and time it gets when all that is in it is there, and is counted then.
            if try object.file()?.kind == .directory {
                _ = try target.place(of: name, isDirectory: true)
                return
            }
            let isWritten = try get(
                name, object, found.content, scan.scope, into: &target, options, work.cancellation)
            if isWritten {
                work.done(byteCount: object.row.byteCount)
            } else {
                work.unchanged()
            }
        } catch {
            work.failed(subject, error)
        }
    }

    /// Gets an object to where it goes; false if it is there.
    private func get(
        _ name: ObjectName, _ object: OpenObject, _ found: BlobContent, _ scope: Scope,
        into target: inout TreeTarget, _ options: TreeGetOptions, _ cancellation: Cancellation
    ) throws(StoreError) -> Bool {
        do throws(StoreError) {
            let place = try target.place(of: name)
            if let content = try contents.content(of: object, found) {
                let isWritten = try write(content, to: place, options, cancellation)
                if isWritten { readRewrapper.offerIfOld(object) }
                return isWritten
            }
        } catch {
            guard error.isMissingBlob else { throw error.ofRead(name) }
        }
        // Replaced or removed since its row was read.
        let place = try target.place(of: name)
        return try contents.withContent(of: name, in: scope.record.name) {
            content throws(StoreError) in
            try write(content, to: place, options, cancellation)
        }
    }

    /// Writes an object to a file, or makes a symbolic link of it; false if that is there.
    private func write(
        _ content: ObjectContent, to place: TreeTarget.Place, _ options: TreeGetOptions,
        _ cancellation: Cancellation
    ) throws(StoreError) -> Bool {
        let object = content.object
        let file = try object.file()
        let wanted = WantedFile(object, file, options)
        if file?.kind == .symbolicLink {
            return try makeLink(content, wanted, place, options, cancellation)
        }
        let isThere =
            !options.getsUnchanged
            && wanted.isFile(
                place.name, in: place.directory, byteCount: object.row.byteCount)
        if isThere {
            // It tells what the store has.
            var reading = try authorizer.reading(object)
            try access.release(&reading) {}
            return false
        }
        var target = try place.begin()
        target.wanted = wanted
        try objectReader.write(
            content, 0..<object.row.byteCount, to: target, progress: nil, cancellation)
        return true
    }

    /// A symbolic link takes the place of what is there at once.
    private func makeLink(
        _ content: ObjectContent, _ wanted: WantedFile, _ place: TreeTarget.Place,
        _ options: TreeGetOptions, _ cancellation: Cancellation
    ) throws(StoreError) -> Bool {
        let target = try objectReader.bytes(of: content, .all, cancellation)
        let (directory, name) = (place.directory, place.name)
        if !options.getsUnchanged, wanted.isLink(name, in: directory, to: target) { return false }
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
