internal import SluiceAccess
internal import SluiceFormat

/// What works without any key, as while access to the keys is revoked. Names are sealed, so objects go by their ids. Thread-safe.
final class KeylessObjects: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry

    init(context: StoreContext, cache: ObjectCache, registry: ScopeRegistry) {
        self.context = context
        self.cache = cache
        self.registry = registry
    }

    /// See ``Store/objectIDs(in:after:limit:)``.
    func objectIDs(
        in scopeName: ScopeName, after: EntityTag?, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry] {
        try context.checkOpen()
        guard limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        guard let record = try catalog.scopeRecord(of: scopeName) else {
            guard scopeName == .default else { throw StoreError.missingScope(scopeName) }
            return []
        }
        return try catalog.read { reader throws(StoreError) in
            var rowID = Int.min
            if let after {
                guard let row = try reader.rowID(ofObject: after.objectID(), scope: record.rowID)
                else { throw StoreError.missingID(after) }
                rowID = row
            }
            return try reader.objectIDs(scope: record.rowID, afterRow: rowID, limit: limit)
        }
    }

    /// See ``Store/remove(id:in:)``.
    func remove(id: EntityTag, in scopeName: ScopeName) throws(StoreError) {
        try context.checkWritable()
        guard let record = try catalog.scopeRecord(of: scopeName) else {
            throw StoreError.missingID(id)
        }
        let objectID = try id.objectID()
        let tag = try catalog.write(freesSpace: true) { writer throws(StoreError) in
            guard
                let rowID = try writer.reader.rowID(ofObject: objectID, scope: record.rowID),
                let found = try writer.reader.objectWithContent(rowID: rowID)
            else { throw StoreError.missingID(id) }
            try writer.remove(found.row, scope: record.rowID)
            return found.row.tag
        }
        cache.objects.remove(tag)
    }
}
