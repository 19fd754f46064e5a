internal import SluiceAccess
internal import SluiceFormat

/// Brings back what was removed below a prefix, one name after the other. Thread-safe.
final class TreeRestorer: Sendable, StoreComponent {
    let context: StoreContext
    let finder: ObjectFinder
    let versionKeeper: VersionKeeper

    init(context: StoreContext, finder: ObjectFinder, versionKeeper: VersionKeeper) {
        self.context = context
        self.finder = finder
        self.versionKeeper = versionKeeper
    }

    /// See ``Store/restoreTree(_:in:progress:)``.
    func restore(
        _ prefix: String, in scopeName: ScopeName, progress: TreeProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        try context.checkWritable()
        let prefix = TreeNames.directoryPrefix(prefix)
        let work = TreeWork(progress, totals: nil, cancellation)
        var names: [ObjectName] = []
        for name in try removed(below: prefix, in: scopeName, work).sorted() where work.goesOn {
            do throws(StoreError) {
                for restored in try versionKeeper.restore(name, in: scopeName) {
                    names.append(restored.name)
                    work.done(byteCount: restored.byteCount)
                }
            } catch {
                // Somebody else was first.
                if error.code != .notFound { work.failed(name.description, error) }
            }
        }
        var report = try work.finish()
        guard !(names.isEmpty && report.failures.isEmpty) else {
            let place = prefix.isEmpty ? "" : " below '\(prefix)'"
            throw StoreError(
                .notFound, "nothing that was removed is kept\(place)",
                about: .object(prefix), remedies: [.list(.objects(below: prefix))])
        }
        report.names = names
        return report
    }

    /// The names of which something was removed.
    private func removed(
        below prefix: String, in scopeName: ScopeName, _ work: TreeWork
    ) throws(StoreError) -> Set<ObjectName> {
        guard let scope = try finder.registry.scopeForRead(scopeName) else { return [] }
        var scan = try TreeScan(prefix, in: scope, finder, isOfVersions: true)
        var names: Set<ObjectName> = []
        while work.goesOn, let part = try scan.nextObjects() {
            for row in part.rows {
                do throws(StoreError) {
                    guard let object = try scan.object(row), object.document.removal != nil else {
                        continue
                    }
                    names.insert(try ObjectName(document: object.name).base)
                } catch {
                    work.failed("row \(row.rowID) of the catalog", error)
                }
            }
        }
        return names
    }
}
