internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Puts the files below a directory, several at a time. Thread-safe.
final class TreePutter: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let ownFiles: OwnFiles
    let finder: ObjectFinder
    let sealer: ObjectSealer
    let objectWriter: ObjectWriter
    let storedFiles: StoredFiles
    let treeRemover: TreeRemover
    let contents: ObjectContents
    let copier: ObjectCopier

    init(
        context: StoreContext, registry: ScopeRegistry, ownFiles: OwnFiles, finder: ObjectFinder,
        sealer: ObjectSealer, objectWriter: ObjectWriter, storedFiles: StoredFiles,
        treeRemover: TreeRemover, contents: ObjectContents, copier: ObjectCopier
    ) {
        self.context = context
        self.registry = registry
        self.ownFiles = ownFiles
        self.finder = finder
        self.sealer = sealer
        self.objectWriter = objectWriter
        self.storedFiles = storedFiles
        self.treeRemover = treeRemover
        self.contents = contents
        self.copier = copier
    }

    func put(
        at path: String, prefix: String, in scopeName: ScopeName, options: PutOptions,
        tree: TreePutOptions, progress: TreeProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        guard options.providedKey == nil else {
            throw StoreError(
                .invalidArgument, "a tree is put without a key that callers provide",
                about: .file(path), remedies: [.other("put objects one by one with it")])
        }
        let scopes = try registry.scopesForPut(
            scopeName, encryption: options.encryptionScope, isDryRun: tree.isDryRun)
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
        if tree.removesOthers, !tree.removesAll, !tree.isDryRun {
            try checkCommon(root, path, prefix, scope, tree, cancellation)
        }
        let work = TreeWork(progress, totals: nil, cancellation)
        let entries = SharedWalk(walk)
        let links = LinkedPuts()
        for pass in LinkedPuts.Pass.allCases where work.goesOn {
            let batch: @Sendable () -> PutBatch = { [self] in
                PutBatch(
                    putter: self, scopes: scopes, work: work, prefix: prefix, tree: tree,
                    links: links, pass: pass)
            }
            if pass == .stored {
                put(batch, at: path, options) { entries.next(work) }
            } else if links.beginPass() {
                // By their paths, for directories that are open are few.
                put(batch, at: path, options) { links.nextLater(in: root, path, work) }
            }
        }
        var report = try work.finish()
        // It tells what the store has.
        if tree.isDryRun || report.unchangedCount > 0 { try storedFiles.release(scopes) }
        if tree.removesOthers {
            report.keepsOthers = !report.failures.isEmpty
            if !report.keepsOthers {
                try removeOthers(root, prefix, scope, tree, &report, cancellation)
            }
        }
        return report
    }

    /// Puts what comes, in several threads, until nothing does.
    private func put(
        _ batch: @escaping @Sendable () -> PutBatch, at path: String, _ options: PutOptions,
        _ next: @escaping @Sendable () -> TreeEntry?
    ) {
        Crew.run(threads: workers.count) {
            var batch = batch()
            while batch.work.goesOn, let entry = next() {
                batch.put(entry, root: path, options: options)
                if batch.count >= TreeNames.namesPerCommit { batch.commit() }
            }
            if batch.work.goesOn { batch.commit() }
        }
    }

    /// Throws if there are files below the prefix, and the directory has none of them: it is hardly the one that they
    /// were put from. Most often the first that is met says that it is.
    private func checkCommon(
        _ root: Directory, _ path: String, _ prefix: String, _ scope: Scope,
        _ tree: TreePutOptions, _ cancellation: Cancellation
    ) throws(StoreError) {
        var source = try source(root, tree)
        var scan = try TreeScan(prefix, in: scope, finder)
        var count = 0
        while let part = try scan.nextObjects() {
            try cancellation.check()
            for row in part.rows {
                guard let name = try nameOfSound(row, in: scan), name.last != UInt8(ascii: "/")
                else { continue }
                let path = Array(name.dropFirst(prefix.utf8.count))
                if tree.excluded.matchBelow(path) { continue }
                if try Self.has(path, in: &source) { return }
                count += 1
            }
        }
        guard count > 0 else { return }
        try storedFiles.release(PutScopes(scope))
        let place = prefix.isEmpty ? "in the scope '\(scope.record.name)'" : "below '\(prefix)'"
        throw StoreError(
            .invalidArgument,
            """
            '\(path)' has none of what is \(place), so that all of it would be removed (\(count) in number); \
            nothing was put or removed
            """, about: .file(path), remedies: [.choose(.removingAll)])
    }

    /// The name of a row's object below the prefix; nil if it is none, or damaged, of which nothing is known.
    private func nameOfSound(
        _ row: ObjectRow, in scan: TreeScan
    ) throws(StoreError) -> [UInt8]? {
        do throws(StoreError) {
            return try scan.object(row)?.name
        } catch {
            guard error.code == .integrity else { throw error }
            return nil
        }
    }

    private static func has(
        _ path: [UInt8], in source: inout TreeSource
    ) throws(StoreError) -> Bool {
        try translated("look for") { () throws(SystemError) in try source.has(path) }
    }

    private func source(
        _ root: Directory, _ tree: TreePutOptions
    ) throws(StoreError) -> TreeSource {
        try translated("look at the directory") { () throws(SystemError) in
            try TreeSource(root, staysOnFileSystem: tree.staysOnFileSystem)
        }
    }

    /// Removes what is below the prefix and not in the directory, as that is now: what has come meanwhile stays.
    private func removeOthers(
        _ root: Directory, _ prefix: String, _ scope: Scope, _ tree: TreePutOptions,
        _ report: inout TreeReport, _ cancellation: Cancellation
    ) throws(StoreError) {
        var source = try source(root, tree)
        do throws(StoreError) {
            let removed = try treeRemover.remove(
                prefix, in: scope.record.name, dryRun: tree.isDryRun, progress: nil,
                cancellation: cancellation
            ) { name throws(StoreError) in
                let path = Array(name.utf8.dropFirst(prefix.utf8.count))
                if tree.excluded.matchBelow(path) { return false }
                return try !Self.has(path, in: &source)
            }
            report.names = removed.names
            report.failures += removed.failures
        } catch {
            // Nothing is there, so there is nothing to remove.
            guard error.code == .notFound else { throw error }
        }
    }
}
