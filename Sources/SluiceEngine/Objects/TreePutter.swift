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

    init(
        context: StoreContext, registry: ScopeRegistry, ownFiles: OwnFiles, sealer: ObjectSealer,
        objectWriter: ObjectWriter
    ) {
        self.context = context
        self.registry = registry
        self.ownFiles = ownFiles
        self.sealer = sealer
        self.objectWriter = objectWriter
    }

    func put(
        at path: String, prefix: String, in scopeName: ScopeName, options: PutOptions,
        progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let scope = try registry.scopeForPut(scopeName)
        let prefix = TreeNames.directoryPrefix(prefix)
        try ownFiles.requireForeign(path)
        let walk: TreeWalk
        do throws(SystemError) {
            walk = try TreeWalk(path, leavingOut: ownFiles.directories())
        } catch {
            throw StoreError(
                system: error, "put", otherwise: error.isNotFound ? .notFound : .inputOutput)
        }
        let work = TreeWork(progress, totals: nil, cancellation)
        let entries = SharedWalk(walk)
        Crew.run(threads: workers.count) { [self] in
            var batch = PutBatch(putter: self, scope: scope, work: work)
            while work.goesOn, let entry = entries.next(work) {
                batch.put(entry, prefix: prefix, root: path, options: options)
                if batch.count >= TreeNames.namesPerCommit { batch.commit() }
            }
            if work.goesOn { batch.commit() }
        }
        return try work.finish()
    }
}
