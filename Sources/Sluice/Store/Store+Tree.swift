internal import SluiceFormat
internal import SluiceNative
internal import SluiceVault
internal import Synchronization

extension Store {
    /// Puts every regular file below a directory, each under `prefix` and its path, several at a
    /// time; small ones share transactions.
    ///
    /// Symbolic links, pipes, sockets, devices, empty directories and the store's own files and vaults are
    /// left out and reported, all as ``StoreError/Code/inputOutput``, as are files that can't be read or
    /// whose names can't be objects'; the rest is put all the same. A directory within the store or its
    /// vaults is ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    public func putTree(
        at path: String, prefix: String, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try putTree(
            at: path, prefix: prefix, in: scope, options: options, progress: progress,
            cancellation: beginOperation())
    }

    /// Gets every object whose name begins with a prefix to files below a directory, several at a
    /// time; what follows the prefix is the path.
    ///
    /// Nothing is written outside the directory: a name that would lead out of it (`..`, an absolute
    /// path, a path through a symbolic link) is left out and reported, and so is whatever lies below a
    /// name that is itself an object. Directories are made with mode 0700, files with 0600. On the way to
    /// the directory, symbolic links are followed, but for those that somebody else has made in a
    /// directory that isn't his: ``StoreError/Code/cannotCreate``. A directory within the store or its
    /// vaults is ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    public func getTree(
        _ prefix: String, into directory: String, in scope: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try getTree(
            prefix, into: directory, in: scope, progress: progress,
            cancellation: beginOperation())
    }

    /// Removes every object whose name begins with a prefix, or with `dryRun` only says which it would;
    /// the report has their names, in byte order.
    @available(*, noasync)
    public func removeTree(
        _ prefix: String, in scope: ScopeName = .default, dryRun: Bool = false,
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try removeTree(
            prefix, in: scope, dryRun: dryRun, progress: progress, cancellation: beginOperation())
    }

    /// Names of a transaction when many are put or removed together.
    private static let namesPerCommit = 64

    /// The prefix that a directory's names have: a `/` is added where it is missing.
    private static func directoryPrefix(_ prefix: String) -> String {
        prefix.isEmpty || prefix.utf8.last == UInt8(ascii: "/") ? prefix : prefix + "/"
    }

    // MARK: Putting

    func putTree(
        at path: String, prefix: String, in scopeName: ScopeName, options: PutOptions,
        progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let scope = try scopeForPut(scopeName)
        let prefix = Self.directoryPrefix(prefix)
        try requireForeign(path)
        let walk: TreeWalk
        do throws(SystemError) {
            walk = try TreeWalk(path, leavingOut: ownDirectories())
        } catch {
            throw StoreError(
                system: error, "put", otherwise: error.isNotFound ? .notFound : .inputOutput)
        }
        let work = TreeWork(progress, totals: nil, cancellation)
        let entries = SharedWalk(walk)
        work.run(threads: workers.count) {
            var batch = PutBatch(store: self, scope: scope, work: work)
            while work.goesOn, let entry = entries.next(work) {
                batch.put(entry, prefix: prefix, root: path, options: options)
                if batch.count >= Self.namesPerCommit { batch.commit() }
            }
            if work.goesOn { batch.commit() }
        }
        return try work.finish()
    }

    // MARK: Getting

    func getTree(
        _ prefix: String, into path: String, in scopeName: ScopeName,
        progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let prefix = Self.directoryPrefix(prefix)
        let infos = try listAll(prefix, in: scopeName)
        guard !infos.isEmpty else {
            throw StoreError(.notFound, "there are no objects below '\(prefix)'")
        }
        try requireForeign(path)
        let root: Directory
        do throws(SystemError) {
            try FileSystem.makeDirectories(path)
            root = try Directory.openGuarded(path)
        } catch {
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
        let names = Set(infos.map(\.name))
        let totals = (infos.count, infos.reduce(0) { $0 + $1.byteCount })
        let work = TreeWork(progress, totals: totals, cancellation)
        let next = Atomic<Int>(0)
        let visited = VisitedDirectory()
        work.run(threads: workers.count) {
            while work.goesOn {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < infos.count else { break }
                let name = infos[index].name
                do throws(StoreError) {
                    let target = try TreeTarget(
                        root: root, name: name, prefixByteCount: prefix.utf8.count, names: names)
                    try get(name, in: scopeName, to: target, visited, cancellation)
                    work.done(byteCount: infos[index].byteCount)
                } catch {
                    work.failed(name.description, error)
                }
            }
        }
        return try work.finish()
    }

    private func get(
        _ name: ObjectName, in scopeName: ScopeName, to target: TreeTarget,
        _ visited: VisitedDirectory, _ cancellation: Cancellation
    ) throws(StoreError) {
        _ = try withContent(of: name, in: scopeName) { content throws(StoreError) in
            try write(
                content, 0..<content.object.row.byteCount, to: target.begin(visited),
                progress: nil, cancellation)
        }
    }

    /// Every object below a prefix.
    private func listAll(
        _ prefix: String, in scopeName: ScopeName
    ) throws(StoreError) -> [ObjectInfo] {
        var options = ListOptions()
        options.prefix = prefix
        return try list(options, in: scopeName).entries.compactMap { entry in
            guard case .object(let info) = entry else { return nil }
            return info
        }
    }

    // MARK: Removing

    func removeTree(
        _ prefix: String, in scopeName: ScopeName, dryRun: Bool, progress: TreeProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let prefix = Self.directoryPrefix(prefix)
        let infos = try listAll(prefix, in: scopeName)
        guard !infos.isEmpty else {
            throw StoreError(.notFound, "there are no objects below '\(prefix)'")
        }
        let byteCount = infos.reduce(0) { $0 + $1.byteCount }
        if dryRun {
            var report = TreeReport()
            report.objectCount = infos.count
            report.byteCount = byteCount
            report.names = infos.map(\.name)
            return report
        }
        let scope = try scope(named: scopeName)
        let work = TreeWork(progress, totals: (infos.count, byteCount), cancellation)
        var names: [ObjectName] = []
        for start in stride(from: 0, to: infos.count, by: Self.namesPerCommit) {
            guard work.goesOn else { break }
            let part = infos[start..<min(start + Self.namesPerCommit, infos.count)]
            names += try remove(part, in: scope, work)
        }
        var report = try work.finish()
        report.names = names
        return report
    }

    /// Removes objects in one transaction; the names of those that are gone now.
    private func remove(
        _ infos: ArraySlice<ObjectInfo>, in scope: Scope, _ work: TreeWork
    ) throws(StoreError) -> [ObjectName] {
        var works: [CatalogWork] = []
        for info in infos {
            let tag = try tag(of: info.name, in: scope)
            let work: CatalogWork = { writer throws(StoreError) in
                // Gone already is as good.
                _ = try writer.remove(tag: tag, in: scope)
            }
            works.append(work)
        }
        let refusals = try catalog.commit(
            CatalogChange(works: works, freesSpace: true))
        var names: [ObjectName] = []
        for (info, refusal) in zip(infos, refusals) {
            if let refusal {
                work.failed(info.name.description, refusal)
            } else {
                work.done(byteCount: info.byteCount)
                names.append(info.name)
            }
        }
        return names
    }
}
