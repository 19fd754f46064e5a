internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

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
    static let namesPerCommit = 64

    /// The prefix that a directory's names have: a `/` is added where it is missing.
    static func directoryPrefix(_ prefix: String) -> String {
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
        Crew.run(threads: workers.count) { [self] in
            var batch = PutBatch(store: self, scope: scope, work: work)
            while work.goesOn, let entry = entries.next(work) {
                batch.put(entry, prefix: prefix, root: path, options: options)
                if batch.count >= Self.namesPerCommit { batch.commit() }
            }
            if work.goesOn { batch.commit() }
        }
        return try work.finish()
    }
}
