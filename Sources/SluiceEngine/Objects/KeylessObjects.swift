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
        in scopeName: ScopeName, after: ObjectIDEntry?, limit: Int
    ) throws(StoreError) -> [ObjectIDEntry] {
        try context.checkOpen()
        guard limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        guard let record = try catalog.scope(named: scopeName) else {
            guard scopeName == .default else { throw StoreError.missingScope(scopeName) }
            return []
        }
        return try catalog.objectIDs(
            scope: record.rowID, afterRow: after?.rowID ?? .min, limit: limit)
    }

    /// See ``Store/remove(id:in:)``.
    func remove(id: ObjectID, in scopeName: ScopeName) throws(StoreError) {
        try context.checkWritable()
        guard let record = try catalog.scope(named: scopeName) else {
            throw StoreError.missingID(id)
        }
        let objectID = try id.bytes()
        let tags = try catalog.remove(objectID: objectID, scope: record.rowID)
        guard !tags.isEmpty else { throw StoreError.missingID(id) }
        for tag in tags { cache.objects.remove(tag) }
    }
}
