internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Puts the files below a directory, several at a time. Thread-safe.
final class TreePutter: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let ownFiles: OwnFiles
    let sealer: ObjectSealer
    let objectWriter: ObjectWriter
    let storedFiles: StoredFiles
    let treeRemover: TreeRemover

    init(
        context: StoreContext, registry: ScopeRegistry, ownFiles: OwnFiles, sealer: ObjectSealer,
        objectWriter: ObjectWriter, storedFiles: StoredFiles, treeRemover: TreeRemover
    ) {
        self.context = context
        self.registry = registry
        self.ownFiles = ownFiles
        self.sealer = sealer
        self.objectWriter = objectWriter
        self.storedFiles = storedFiles
        self.treeRemover = treeRemover
    }

    func put(
        at path: String, prefix: String, in scopeName: ScopeName, options: PutOptions,
        tree: TreePutOptions, progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let scopes = try registry.scopesForPut(scopeName, encryption: options.encryptionScope)
        let scope = scopes.names
        let prefix = TreeNames.directoryPrefix(prefix)
        try ownFiles.requireForeign(path)
        let root: Directory
        let walk: TreeWalk
        let excluded = tree.excluded
        do throws(SystemError) {
            root = try Directory.open(path)
            walk = try TreeWalk(
                root,
                TreeWalk.Options(
                    leftOut: ownFiles.directories(), reportsDirectories: true,
                    staysOnFileSystem: tree.staysOnFileSystem,
                    isPassedOver: { path, isDirectory in
                        excluded.match(path, isDirectory: isDirectory)
                    }))
        } catch {
            throw StoreError(
                system: error, "put", otherwise: error.isNotFound ? .notFound : .inputOutput)
        }
        let work = TreeWork(progress, totals: nil, cancellation)
        let entries = SharedWalk(walk)
        Crew.run(threads: workers.count) { [self] in
            var batch = PutBatch(putter: self, scopes: scopes, work: work, tree: tree)
            while work.goesOn, let entry = entries.next(work) {
                batch.put(entry, prefix: prefix, root: path, options: options)
                if batch.count >= TreeNames.namesPerCommit { batch.commit() }
            }
            if work.goesOn { batch.commit() }
        }
        var report = try work.finish()
        // It tells what the store has.
        if report.unchangedCount > 0 { try storedFiles.release(scopes) }
        // What couldn't be read must not look like what isn't there.
        if tree.removesOthers, report.failures.isEmpty {
            try removeOthers(root, prefix, scope, tree, &report, cancellation)
        }
        return report
    }

    /// Removes what is below the prefix and not in the directory, as that is now: what has come meanwhile stays.
    private func removeOthers(
        _ root: Directory, _ prefix: String, _ scope: Scope, _ tree: TreePutOptions,
        _ report: inout TreeReport, _ cancellation: Cancellation
    ) throws(StoreError) {
        var source = try translated("look at the directory") { () throws(SystemError) in
            try TreeSource(root, staysOnFileSystem: tree.staysOnFileSystem)
        }
        do throws(StoreError) {
            let removed = try treeRemover.remove(
                prefix, in: scope.record.name, dryRun: false, progress: nil,
                cancellation: cancellation
            ) { name throws(StoreError) in
                let path = Array(name.utf8.dropFirst(prefix.utf8.count))
                if tree.excluded.matchBelow(path) { return false }
                return try !translated("look for") { () throws(SystemError) in
                    try source.has(path)
                }
            }
            report.names = removed.names
            report.failures += removed.failures
        } catch {
            // Nothing is there, so there is nothing to remove.
            guard error.code == .notFound else { throw error }
        }
    }
}
