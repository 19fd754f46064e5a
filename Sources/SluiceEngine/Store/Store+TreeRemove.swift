internal import SluiceAccess
internal import SluiceFormat

/// How a tree is removed, some objects in a transaction.
extension Store {
    func removeTree(
        _ prefix: String, in scopeName: ScopeName, dryRun: Bool, progress: TreeProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> TreeReport {
        let prefix = Self.directoryPrefix(prefix)
        var scan = try treeScan(prefix, in: scopeName)
        let scope = scan.scope
        let work = TreeWork(progress, totals: nil, cancellation)
        var names: [ObjectName] = []
        var isEmpty = true
        while work.goesOn, let part = try scan.nextObjects() {
            isEmpty = false
            var objects: [ObjectToRemove] = []
            for row in part.rows {
                if let object = try scan.object(row) { objects.append(try ObjectToRemove(object)) }
            }
            if dryRun {
                names += objects.map(\.name)
                for object in objects { work.done(byteCount: object.byteCount) }
                continue
            }
            for start in stride(from: 0, to: objects.count, by: Self.namesPerCommit) {
                guard work.goesOn else { break }
                let some = objects[start..<min(start + Self.namesPerCommit, objects.count)]
                names += try remove(some, in: scope, work)
            }
        }
        var report = try work.finish()
        guard !isEmpty else { throw Self.nothingBelow(prefix) }
        names.sort()
        var reading = try reading(scope)
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
        var works: [CatalogWork] = []
        for object in objects {
            let tag = object.tag
            let work: CatalogWork = { writer throws(StoreError) in
                // Gone already is as good.
                _ = try writer.remove(tag: tag, in: scope)
            }
            works.append(work)
        }
        let refusals = try catalog.commit(
            CatalogChange(works: works, freesSpace: true))
        var names: [ObjectName] = []
        for (object, refusal) in zip(objects, refusals) {
            if let refusal {
                work.failed(object.name.description, refusal)
            } else {
                work.done(byteCount: object.byteCount)
                names.append(object.name)
            }
        }
        return names
    }
}
