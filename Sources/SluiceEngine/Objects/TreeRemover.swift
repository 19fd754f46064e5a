internal import SluiceAccess
internal import SluiceFormat

/// Removes what is below a prefix, some objects in a transaction. Thread-safe.
final class TreeRemover: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let authorizer: ReadAuthorizer
    let versionKeeper: VersionKeeper

    init(
        context: StoreContext, registry: ScopeRegistry, finder: ObjectFinder,
        authorizer: ReadAuthorizer, versionKeeper: VersionKeeper
    ) {
        self.context = context
        self.registry = registry
        self.finder = finder
        self.authorizer = authorizer
        self.versionKeeper = versionKeeper
    }

    func remove(
        _ prefix: String, in scopeName: ScopeName, dryRun: Bool, progress: TreeProgressHandler?,
        cancellation: Cancellation,
        where isMeant: (ObjectName) throws(StoreError) -> Bool = { _ in true }
    ) throws(StoreError) -> TreeReport {
        if !dryRun { try context.checkWritable() }
        let prefix = TreeNames.directoryPrefix(prefix)
        var scan = try finder.scan(prefix, in: scopeName)
        let scope = scan.scope
        let work = TreeWork(progress, totals: nil, cancellation)
        var names: [ObjectName] = []
        var isEmpty = true
        while work.goesOn, let part = try scan.nextObjects() {
            isEmpty = false
            var objects: [ObjectToRemove] = []
            for row in part.rows {
                guard let object = try scan.object(row) else { continue }
                let found = try ObjectToRemove(object)
                do throws(StoreError) {
                    if try isMeant(found.name) { objects.append(found) }
                } catch {
                    work.failed(found.name.description, error)
                }
            }
            if dryRun {
                names += objects.map(\.name)
                for object in objects { work.done(byteCount: object.byteCount) }
                continue
            }
            for start in stride(from: 0, to: objects.count, by: TreeNames.namesPerCommit) {
                guard work.goesOn else { break }
                let some = objects[start..<min(start + TreeNames.namesPerCommit, objects.count)]
                names += try remove(some, in: scope, work)
            }
        }
        var report = try work.finish()
        guard !isEmpty else { throw StoreError.nothingBelow(prefix) }
        names.sort()
        var reading = try authorizer.reading(scope)
        report.names = try access.release(&reading) { names }
        return report
    }

    /// What a removal has to know of an object.
    private struct ObjectToRemove {
        let name: ObjectName
        let tag: [UInt8]
        let byteCount: Int

        init(_ object: OpenObject) throws(StoreError) {
            name = try ObjectName(utf8: object.name)
            tag = object.row.tag
            byteCount = object.row.byteCount
        }
    }

    /// Removes objects in one transaction; the names of those that are gone now.
    private func remove(
        _ objects: ArraySlice<ObjectToRemove>, in scope: Scope, _ work: TreeWork
    ) throws(StoreError) -> [ObjectName] {
        var names: [ObjectName] = []
        var use = scope.use(for: .unwrapKey, isChange: true)
        var rest = objects
        var states: [[UInt8]: StateBasis] = [:]
        while !rest.isEmpty {
            var removals: [RemoveOperation] = []
            for object in rest {
                removals.append(
                    RemoveOperation(
                        tag: object.tag, scope: use,
                        keeping: try versionKeeper.keeping(
                            object.name, tag: object.tag, in: scope, use.keeps,
                            isRemoval: true),
                        state: states[object.tag] ?? .none))
            }
            let answers = try catalog.remove(removals)
            var stale: ArraySlice<ObjectToRemove> = []
            for (object, answer) in zip(rest, answers) {
                do throws(StoreError) {
                    switch answer {
                    case .committed(let outcome):
                        // Gone already is as good.
                        if outcome.isDirectoryGone { scope.knownDirectories.removeAll() }
                        work.done(byteCount: object.byteCount)
                        names.append(object.name)
                    case .refused(let error): throw error
                    case .stale(.otherState):
                        states[object.tag] = try finder.states.basis(
                            of: .always, for: object.name, tag: object.tag, in: scope)
                        stale.append(object)
                    case .stale(let finding):
                        try scope.correct(&use, by: finding, library: library)
                        stale.append(object)
                    }
                } catch {
                    // It is refused for all of them, and for those that come.
                    guard !error.isKeyRefusal else { throw error }
                    work.failed(object.name.description, error)
                }
            }
            rest = stale
        }
        return names
    }
}
