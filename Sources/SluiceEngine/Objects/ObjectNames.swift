internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is known of an object by its name, and how it loses that or takes another. Thread-safe.
final class ObjectNames: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let authorizer: ReadAuthorizer

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder,
        authorizer: ReadAuthorizer
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.finder = finder
        self.authorizer = authorizer
    }

    /// See ``Store/info(_:in:)``.
    func info(
        _ name: ObjectName, in scope: ScopeName
    ) throws(StoreError) -> ObjectInfo {
        let object = try finder.find(name, in: scope)
        var reading = try authorizer.reading(object)
        return try access.release(&reading) { () throws(StoreError) in try object.info }
    }

    /// See ``Store/remove(_:in:)``.
    func remove(
        _ name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) {
        try context.checkWritable()
        let scope = try registry.scopeForRead(scopeName, of: name)
        let tag = try finder.tag(of: name, in: scope)
        try catalog.write(freesSpace: true) { writer throws(StoreError) in
            guard try writer.remove(tag: tag, in: scope) != nil else {
                throw StoreError.noObject(name)
            }
        }
        cache.objects.remove(tag)
    }

    /// See ``Store/rename(_:to:in:condition:)``.
    @discardableResult
    func rename(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName,
        condition: PutCondition
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        while true {
            let object = try finder.find(name, in: scopeName)
            if let info = try rename(object, to: new, condition: condition) { return info }
            // Somebody changed the object between the look and the transaction: look again.
        }
    }

    /// Renames the object if it is still the one that was looked at; else nil.
    private func rename(
        _ object: OpenObject, to new: ObjectName, condition: PutCondition
    ) throws(StoreError) -> ObjectInfo? {
        let scope = object.scope
        var document = object.document
        document.name = new.utf8
        var row = object.row
        row.revision = try library.revision()
        let sealed = document.encoded()
        row = try scope.withSession("sealing the object's row") { session throws(CryptoError) in
            var row = row
            row.tag = try session.tag(ofObject: new.utf8)
            row.directory = try session.tag(ofDirectory: Scope.directory(of: new.utf8))
            row.document = try session.sealDocument(
                sealed, revision: row.revision, binding: row.binding(in: scope))
            return row
        }
        let old = object.row
        let renamed = row
        let isSameName = document.name == object.name
        // Given back by the COMMIT, which is a release.
        let newInfo = try OpenObject(scope: scope, row: renamed, document: document).info
        let info = try catalog.write { writer throws(StoreError) -> ObjectInfo? in
            guard let now = try writer.reader.object(scope: scope.record.rowID, tag: old.tag)
            else { throw StoreError.noObject(try ObjectName(utf8: object.name)) }
            guard now.revision == old.revision else { return nil }
            let target = try writer.reader.object(scope: scope.record.rowID, tag: renamed.tag)
            try CatalogWriter.check(condition, name: new, existing: target)
            // Also where nothing is written: what is known of the object is given back.
            try writer.use(scope, for: .unwrapKey)
            if isSameName { return newInfo }
            if let target { try writer.remove(target, scope: scope.record.rowID) }
            try writer.rename(
                old, to: new, tag: renamed.tag, directory: renamed.directory,
                revision: renamed.revision, document: renamed.document, in: scope)
            return newInfo
        }
        if info != nil, !isSameName {
            for tag in [old.tag, renamed.tag] { cache.objects.remove(tag) }
        }
        return info
    }
}
