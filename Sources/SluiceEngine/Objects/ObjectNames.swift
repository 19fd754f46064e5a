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
    let sealer: ObjectSealer
    let versionKeeper: VersionKeeper
    let keyring: ObjectKeyring

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder,
        authorizer: ReadAuthorizer, sealer: ObjectSealer, versionKeeper: VersionKeeper,
        keyring: ObjectKeyring
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.finder = finder
        self.authorizer = authorizer
        self.sealer = sealer
        self.versionKeeper = versionKeeper
        self.keyring = keyring
    }

    /// See ``Store/info(_:in:if:)``.
    func info(
        _ name: ObjectName, in scope: ScopeName, if condition: Condition
    ) throws(StoreError) -> ObjectInfo {
        let object = try finder.find(name, in: scope)
        try finder.check(condition, of: object, named: name)
        try registry.encryptionScope(of: object)
        var reading = try authorizer.reading(object)
        return try access.release(&reading) { () throws(StoreError) in try object.info }
    }

    /// See ``Store/remove(_:in:if:)``.
    func remove(
        _ name: ObjectName, in scopeName: ScopeName, if condition: Condition
    ) throws(StoreError) {
        try context.checkWritable()
        if name.isVersion { return try remove(version: name, in: scopeName, if: condition) }
        let scope = try registry.scopeForRead(scopeName, of: name)
        let tag = try finder.tag(of: name, in: scope)
        var use = scope.use(for: .unwrapKey, isChange: true)
        var state = try finder.states.basisWithoutLook(
            of: condition, for: name, tag: tag, in: scope)
        while true {
            let removal = RemoveOperation(
                tag: tag, scope: use, name: name, condition: condition,
                basis: try finder.basis(of: condition, for: name, in: scope),
                keeping: try versionKeeper.keeping(
                    name, tag: tag, in: scope, use.keeps, isRemoval: true), state: state)
            switch try catalog.remove([removal])[0] {
            case .committed(let outcome):
                guard outcome.isRemoved else { throw StoreError.noObject(name) }
                if outcome.isDirectoryGone { scope.knownDirectories.removeAll() }
                if let version = removal.keeping?.version { scope.noteKept(version) }
                cache.objects.remove(tag)
                return
            case .refused(let error): throw error
            case .stale(.otherObject): break
            case .stale(.otherState):
                state = try finder.states.basis(of: condition, for: name, tag: tag, in: scope)
            case .stale(let finding):
                try scope.correct(&use, by: finding, library: library)
            }
        }
    }

    /// Removes a version: for good, if its scope keeps nothing that is removed, or if it was removed before.
    private func remove(
        version name: ObjectName, in scopeName: ScopeName, if condition: Condition
    ) throws(StoreError) {
        var wasRemoved: Bool?
        while true {
            let scope = try registry.scopeForRead(scopeName, of: name)
            let tag = try finder.tag(of: name, in: scope)
            guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else {
                throw try finder.absence(of: name, in: scope)
            }
            let object = try finder.authenticate(row, name: name, in: scope)
            try finder.check(condition, of: object, named: name)
            let isRemoved = object.document.removal != nil
            // Whoever meant to remove what can be brought back doesn't remove it for good because another was first.
            guard wasRemoved ?? isRemoved == isRemoved else {
                throw try finder.absence(of: name, in: scope)
            }
            wasRemoved = isRemoved
            let state = try finder.states.basis(of: condition, for: name, tag: tag, in: scope)
            var answer = try versionKeeper.noteRemoval(
                of: object, condition: condition, state: state)
            if case .committed(false) = answer {
                let removal = RemoveOperation(
                    tag: tag, scope: scope.use(for: .unwrapKey, isChange: true),
                    revision: row.revision, state: state)
                switch try catalog.remove([removal])[0] {
                case .committed(let outcome):
                    if outcome.isDirectoryGone { scope.knownDirectories.removeAll() }
                    answer = .committed(outcome.isRemoved)
                case .refused(let error): answer = .refused(error)
                case .stale(let finding): answer = .stale(finding)
                }
            }
            switch answer {
            case .committed(true):
                cache.objects.remove(tag)
                return
            case .committed(false): throw try finder.absence(of: name, in: scope)
            case .refused(let error): throw error
            case .stale(let finding): try scope.lookAgain(finding, library: library)
            }
        }
    }

    /// See ``Store/rename(_:to:in:if:)``.
    @discardableResult
    func rename(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName,
        condition: Condition
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        for name in [name, new] { try name.requireOwn() }
        while true {
            let object = try finder.find(name, in: scopeName)
            if let info = try rename(object, to: new, condition: condition) { return info }
            // Somebody changed the object between the look and the transaction: look again.
        }
    }

    /// Renames the object if it is still the one that was looked at; else nil.
    private func rename(
        _ object: OpenObject, to new: ObjectName, condition: Condition
    ) throws(StoreError) -> ObjectInfo? {
        let scope = object.scope
        var (row, document) = (object.row, object.document)
        document.name = new.utf8
        row.tag = try finder.tag(of: new, in: scope)
        row.directory = try scope.tag(ofDirectory: Scope.directory(of: new.utf8))
        row = try sealer.resealed(row, document, in: scope)
        // Given back by the COMMIT, which is a release.
        let info = try OpenObject(
            scope: scope, row: row, document: document, encryptionName: object.encryptionName
        ).info
        return try commit(object, as: row, new, condition) ? info : nil
    }

    /// See ``Store/update(_:in:if:_:)``.
    func update(
        _ name: ObjectName, in scopeName: ScopeName, condition: Condition,
        _ change: (inout ObjectAttributes) -> Void
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        try name.requireOwn()
        while true {
            let object = try finder.find(name, in: scopeName)
            try finder.check(condition, of: object, named: name)
            let old = try attributes(of: object)
            var new = old
            change(&new)
            try new.check()
            let row = try changedRow(of: object, old, new)
            if let info = try commit(object, as: row, name, condition) { return info }
            // Somebody changed the object between the look and the transaction: look again.
        }
    }

    /// What is said of an object. Its encryption scope is opened if there are metadata.
    private func attributes(of object: OpenObject) throws(StoreError) -> ObjectAttributes {
        var attributes = ObjectAttributes(
            properties: try object.document.objectProperties(), metadata: [:])
        if object.row.metadata != nil {
            attributes.metadata = try object.metadata(
                in: try registry.encryptionScope(of: object))
        }
        return attributes
    }

    /// The row of an object of which something else is said. Its tier and its tags are notes, with which it stays
    /// what it was: all else makes it another, also if it is said once more.
    private func changedRow(
        of object: OpenObject, _ old: ObjectAttributes, _ new: ObjectAttributes
    ) throws(StoreError) -> ObjectRow {
        let scope = object.scope
        var (row, document) = (object.row, object.document)
        document.say(new.properties)
        let areNotes =
            new != old && new.metadata == old.metadata
            && new.properties.withNotes(of: old.properties) == old.properties
        if !areNotes {
            row.entityTag = try library.identifier()
            document.modifiedMilliseconds = WallClock.nowMilliseconds
            row.metadata = nil
            if !new.metadata.isEmpty {
                // The scope that the row names is proven by what it opens: by the metadata, or else by the keys.
                if old.metadata.isEmpty { try keyring.proveEncryptionScope(of: object) }
                row.metadata = try registry.encryptionScope(of: object)
                    .sealMetadata(new.metadata, library: library)
            }
        }
        return try sealer.resealed(row, document, in: scope)
    }

    /// Commits another row of an object; nil unless the object is still the one that was looked at.
    private func commit(
        _ object: OpenObject, as row: ObjectRow, _ name: ObjectName, _ condition: Condition
    ) throws(StoreError) -> ObjectInfo? {
        // Given back by the COMMIT, which is a release.
        let changed = try finder.authenticate(row, name: name, in: object.scope)
        var encryptionUse: ScopeUse?
        if let encryption = object.encryptionScope, encryption !== object.scope {
            changed.noteOpened(encryption)
            encryptionUse = encryption.use(for: .unwrapKey)
        }
        let info = try changed.info
        var use = object.scope.use(for: .unwrapKey, isChange: true)
        // Notes draw no entity tag, leave no version, and no hold is against them.
        let areNotes = row.entityTag == object.row.entityTag
        let (states, scope) = (finder.states, object.scope)
        var state = try states.basisWithoutLook(
            of: condition, for: name, tag: row.tag, in: scope)
        while true {
            let isKept = use.keeps.keepsVersions && !areNotes
            let update = UpdateOperation(
                row: object.row, changed: row, name: name, condition: condition, scope: use,
                encryption: encryptionUse,
                kept: isKept
                    ? try versionKeeper.kept(object, use.keeps, isRemoval: false) : nil,
                state: state)
            switch try catalog.update(update) {
            case .committed:
                if let version = update.kept { object.scope.noteKept(version) }
                cache.objects.remove(row.tag)
                return info
            case .refused(let error): throw error
            case .stale(.otherObject): return nil
            case .stale(.otherState):
                state = try states.basis(
                    of: condition, for: name, tag: row.tag, in: scope, areNotes: areNotes)
            case .stale(let finding):
                try object.scopes.correct(&use, &encryptionUse, by: finding, library: library)
            }
        }
    }

    /// Commits another name's row of an object; whether the object is still the one that was looked at.
    private func commit(
        _ object: OpenObject, as renamed: ObjectRow, _ new: ObjectName, _ condition: Condition
    ) throws(StoreError) -> Bool {
        let (scope, old) = (object.scope, object.row)
        let name = try ObjectName(document: object.name)
        var use = scope.use(for: .unwrapKey, isChange: true)
        let states = finder.states
        var (state, target) = (
            StateBasis.none,
            try states.basisWithoutLook(of: condition, for: new, tag: renamed.tag, in: scope)
        )
        while true {
            let rename = RenameOperation(
                row: old, renamed: renamed, name: name, newName: new, condition: condition,
                basis: try finder.basis(of: condition, for: new, in: scope), scope: use,
                directories: try sealer.directories(
                    holding: new, tag: renamed.directory, in: scope),
                keeping: name == new
                    ? nil
                    : try versionKeeper.keeping(
                        new, tag: renamed.tag, in: scope, use.keeps, isRemoval: false),
                state: state, targetState: target)
            switch try catalog.rename(rename) {
            case .committed:
                for row in rename.directories.rows { scope.knownDirectories.insert(row.tag) }
                if let version = rename.keeping?.version { scope.noteKept(version) }
                guard name != new else { return true }
                for tag in [old.tag, renamed.tag] { cache.objects.remove(tag) }
                return true
            case .refused(let error): throw error
            case .stale(.otherObject): return false
            case .stale(.otherState):
                state = try states.basis(of: .always, for: name, tag: old.tag, in: scope)
                target = try states.basis(of: condition, for: new, tag: renamed.tag, in: scope)
            case .stale(let finding):
                try scope.correct(&use, by: finding, library: library)
            }
        }
    }
}
