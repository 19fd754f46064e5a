internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Looks objects up by name, and authenticates their rows. Thread-safe.
final class ObjectFinder: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let authorizer: ReadAuthorizer
    let states: ObjectStates

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry,
        authorizer: ReadAuthorizer, states: ObjectStates
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.authorizer = authorizer
        self.states = states
    }

    /// The object of that name, its row authenticated; ``StoreError/Code/notFound``.
    func find(_ name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> OpenObject {
        let scope = try registry.scopeForRead(scopeName, of: name)
        let tag = try tag(of: name, in: scope)
        let row = try cache.known(in: scope).find(tag, in: catalog)
        guard let row else { throw try absence(of: name, in: scope) }
        let object: OpenObject
        do throws(StoreError) {
            object = try authenticate(row, name: name, in: scope)
        } catch {
            throw error.ofRead(name)
        }
        guard !isRemoved(object, name) else { throw try absence(of: name, in: scope) }
        return object
    }

    /// Opens an object's document, and refuses a row that isn't what was sealed for its place.
    func authenticate(
        _ row: ObjectRow, name: ObjectName?, in scope: Scope
    ) throws(StoreError) -> OpenObject {
        func what() -> String {
            name.map { "the row of '\($0)'" } ?? "row \(row.rowID) of the catalog"
        }
        let binding = row.binding(in: scope)
        var encryptionName: ScopeName?
        if let rowID = row.encryptionRowID {
            // Where its row is damaged, that is said when it is to be opened: the name doesn't need it.
            encryptionName = try? registry.name(ofScope: rowID)
        }
        var plain = WipedBytes(byteCount: max(0, row.document.count - Format.tagByteCount))
        try scope.withSession(what()) { session throws(CryptoError) in
            try plain.withMutableBytes { plain throws(CryptoError) in
                try session.openDocument(
                    row.document, revision: row.revision, binding: binding, into: &plain)
            }
        }
        let object: OpenObject
        do throws(FormatError) {
            object = try OpenObject(
                scope: scope, row: row, plain: plain,
                encryptionName: encryptionName)
        } catch {
            throw StoreError(format: error, what())
        }
        if let name { try Self.check(object, name: name) }
        return object
    }

    /// Opens several objects' documents, likewise.
    func authenticate(_ rows: [ObjectRow], in scope: Scope) throws(StoreError) -> [OpenObject] {
        var objects: [OpenObject] = []
        objects.reserveCapacity(rows.count)
        for row in rows { objects.append(try authenticate(row, name: nil, in: scope)) }
        return objects
    }

    /// Opens an object's document, unless it is known what is in it.
    func authenticate(
        _ row: FoundRow, name: ObjectName, in scope: Scope
    ) throws(StoreError) -> OpenObject {
        switch row {
        case .known(let known):
            guard isCurrent(known.object) else {
                return try authenticate(known.object.row, name: name, in: scope)
            }
            try Self.check(known.object, name: name)
            return known.object
        case .new(let row): return try authenticate(row, name: name, in: scope)
        }
    }

    /// Whether the encryption scope of a known object, if that is another than the scope that has its name, is open as it
    /// was when this was found.
    private func isCurrent(_ object: OpenObject) -> Bool {
        guard object.row.encryptionRowID != nil, let scope = object.encryptionScope else {
            return true
        }
        return (try? registry.find(scope.record.name)) === scope
    }

    /// The tag says the same; this holds even if two names could share one.
    private static func check(_ object: OpenObject, name: ObjectName) throws(StoreError) {
        guard object.hasName(name.utf8) else {
            throw StoreError(
                .integrity, "the row of '\(name)' holds another object",
                about: .object(name.description), cause: BindingError.otherName)
        }
    }

    /// The versions of an object, those that were removed too, in no order.
    func versions(of name: ObjectName, in scope: Scope) throws(StoreError) -> [OpenObject] {
        var walk = try DirectoryWalk(
            VersionName.directory(ofVersionsOf: name.utf8), in: scope, catalog)
        var versions: [OpenObject] = []
        while true {
            let rows = try walk.nextObjects()
            guard !rows.isEmpty else { return versions }
            versions += try authenticate(rows, in: scope)
        }
    }

    /// Whether it is a version that was removed, which isn't read before it is brought back.
    func isRemoved(_ object: OpenObject, _ name: ObjectName) -> Bool {
        name.isVersion && object.document.removal != nil
    }

    func tag(of name: ObjectName, in scope: Scope) throws(StoreError) -> [UInt8] {
        try scope.withSession("tagging a name") { session throws(CryptoError) in
            try session.tag(ofObject: name.utf8)
        }
    }

    // MARK: Conditions

    /// Throws, through the gate, why a condition isn't met by an object, if it isn't.
    func check(
        _ condition: Condition, of object: OpenObject, named name: ObjectName
    ) throws(StoreError) {
        guard condition != .always else { return }
        var refusal = condition.refusal(
            of: name, entityTag: EntityTag(bytes: object.row.entityTag),
            byteCount: object.row.byteCount, document: object.document)
        if refusal == nil, condition.leaseID != nil {
            let lease = try states.state(ofTag: object.row.tag, in: object.scope).document.lease
            refusal = states.leaseRefusal(lease, condition, name, isChange: false)
        }
        guard let refusal else { return }
        var reading = try authorizer.reading(object)
        throw try access.release(&reading) { refusal }
    }

    /// Takes the key that was provided to open an object with; throws, through the gate, if it isn't the one that it is sealed
    /// with, or if none is needed.
    func take(_ key: ProvidedKey?, for object: OpenObject) throws(StoreError) {
        do throws(StoreError) {
            try object.check(key, library)
            // Sealed with it, if there is one, and so not in a cache, where others would find it.
            object.noteProvided(key)
        } catch {
            var reading = try authorizer.reading(object)
            throw try access.release(&reading) { error }
        }
    }

    /// What an operation whose condition asks for what a document says takes the object of that name to be, which meets it; nil if the
    /// catalog can tell by itself.
    func basis(
        of condition: Condition, for name: ObjectName, in scope: Scope
    ) throws(StoreError) -> ObjectBasis? {
        guard condition.asksForDocument else { return nil }
        let tag = try tag(of: name, in: scope)
        guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else {
            return ObjectBasis(entityTag: nil)
        }
        try check(condition, of: try authenticate(row, name: name, in: scope), named: name)
        return ObjectBasis(entityTag: row.entityTag)
    }

    /// That there is no such object: the scope's keys tell that, so it passes the gate as what is there does.
    func absence(of name: ObjectName, in scope: Scope) throws(StoreError) -> StoreError {
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) { StoreError.noObject(name) }
    }
}
