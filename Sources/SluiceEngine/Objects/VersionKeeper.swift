internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Makes versions of objects, and brings back what was removed. Thread-safe.
///
/// Invariant: what a scope's policy keeps is decided from the policy that the transaction finds (``ScopeUse``), and from
/// the object that it finds: it is the one that was resealed, or the operation is made anew.
final class VersionKeeper: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let sealer: ObjectSealer
    let authorizer: ReadAuthorizer

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder,
        sealer: ObjectSealer, authorizer: ReadAuthorizer
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.finder = finder
        self.sealer = sealer
        self.authorizer = authorizer
    }

    // MARK: What a policy keeps

    /// What becomes of the object of a name that is to be removed, or else overwritten; nil if the scope keeps nothing.
    func keeping(
        _ name: ObjectName, tag: [UInt8], in scope: Scope, _ policy: RetentionPolicy,
        isRemoval: Bool
    ) throws(StoreError) -> Keeping? {
        guard policy.keepsAnything, !name.isVersion else { return nil }
        guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else {
            return Keeping(version: nil)
        }
        let object = try finder.authenticate(row, name: name, in: scope)
        return Keeping(version: try kept(object, policy, isRemoval: isRemoval))
    }

    /// The object as a version that the policy keeps.
    func kept(
        _ object: OpenObject, _ policy: RetentionPolicy, isRemoval: Bool
    ) throws(StoreError) -> KeptVersion {
        if policy.keepsVersions { return try version(.version, of: object) }
        return try version(
            isRemoval ? .removed : .snapshot, of: object, removal: Self.removal(policy))
    }

    /// That something is removed now, in a scope of this policy.
    private static func removal(_ policy: RetentionPolicy) -> RemovalNote {
        let now = WallClock.nowMilliseconds
        return RemovalNote(
            removedMilliseconds: now, dueMilliseconds: now + policy.removedSeconds * 1000)
    }

    private func version(
        _ kind: ObjectVersion.Kind, of object: OpenObject, removal: RemovalNote? = nil
    ) throws(StoreError) -> KeptVersion {
        let base = try ObjectName(document: object.name).base
        return try renamed(
            object, to: base.at(ObjectVersion(id: .now(), kind: kind)), removal: removal)
    }

    /// The object under another name, with or without a note that it was removed.
    private func renamed(
        _ object: OpenObject, to name: ObjectName, removal: RemovalNote?
    ) throws(StoreError) -> KeptVersion {
        let scope = object.scope
        var (row, document) = (object.row, object.document)
        document.name = name.utf8
        document.properties[.removal] = removal?.encoded()
        row.tag = try finder.tag(of: name, in: scope)
        row.directory = try scope.tag(ofDirectory: Scope.directory(of: name.utf8))
        row = try sealer.resealed(row, document, in: scope)
        return KeptVersion(
            row: object.row, kept: row,
            directories: try sealer.directories(holding: name, tag: row.directory, in: scope),
            dueMilliseconds: removal?.dueMilliseconds)
    }

    // MARK: Snapshots

    /// See ``Store/snapshot(_:in:if:)``.
    func snapshot(
        _ name: ObjectName, in scopeName: ScopeName, condition: Condition
    ) throws(StoreError) -> ObjectInfo {
        try context.checkWritable()
        try name.requireOwn()
        while true {
            let object = try finder.find(name, in: scopeName)
            try finder.check(condition, of: object, named: name)
            let scope = object.scope
            let version = try version(.snapshot, of: object)
            let snapshot = SnapshotOperation(
                version: version, name: name, condition: condition,
                scope: scope.use(for: .unwrapKey))
            switch try catalog.snapshot(snapshot) {
            case .committed:
                scope.noteKept(version)
                var reading = try authorizer.reading(scope)
                let made = try finder.authenticate(version.kept, name: nil, in: scope)
                return try access.release(&reading) { () throws(StoreError) in try made.info }
            case .refused(let error): throw error
            case .stale(let finding): try scope.lookAgain(finding, library: library)
            }
        }
    }

    // MARK: Removal of versions

    /// Notes that a version is removed, in a scope that keeps what is; false if it is to go for good: the scope keeps
    /// nothing, or it was removed before.
    func noteRemoval(
        of object: OpenObject, condition: Condition
    ) throws(StoreError) -> CatalogAnswer<Bool> {
        let scope = object.scope
        let policy = scope.record.retention
        guard policy.removedSeconds > 0, object.document.removal == nil else {
            return .committed(false)
        }
        let note = Self.removal(policy)
        switch try changed(object, removal: note, condition) {
        case .committed: return .committed(true)
        case .refused(let error): return .refused(error)
        case .stale(let finding): return .stale(finding)
        }
    }

    /// Sets or takes away the note that a version was removed.
    private func changed(
        _ object: OpenObject, removal: RemovalNote?, _ condition: Condition
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let scope = object.scope
        var document = object.document
        document.properties[.removal] = removal?.encoded()
        let row = try sealer.resealed(object.row, document, in: scope)
        return try catalog.update(
            UpdateOperation(
                row: object.row, changed: row, name: try ObjectName(document: object.name),
                condition: condition, scope: scope.use(for: .unwrapKey),
                dueMilliseconds: removal?.dueMilliseconds))
    }

    // MARK: Bringing back

    /// See ``Store/restoreVersions(of:in:)``.
    func restore(
        _ name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) -> [ObjectInfo] {
        try context.checkWritable()
        try name.requireOwn()
        var restored: [ObjectName] = []
        while true {
            let scope = try registry.scopeForRead(scopeName, of: name)
            guard let object = try newestRemoved(of: name, in: scope) else { break }
            do throws(StoreError) {
                restored.append(try restore(object, of: name))
            } catch {
                // Somebody else was at it: look again.
                guard error.code == .busy else { throw error }
            }
        }
        guard !restored.isEmpty else {
            throw StoreError(
                .notFound, "nothing that was removed is kept of '\(name)'",
                about: .object(name.description))
        }
        var infos: [ObjectInfo] = []
        for name in restored {
            let object = try finder.find(name, in: scopeName)
            var reading = try authorizer.reading(object)
            infos.append(
                try access.release(&reading) { () throws(StoreError) in try object.info })
        }
        return infos
    }

    /// Brings one back: as the object, if there is none and this was it, otherwise as a version. ``StoreError/Code/busy``
    /// if it was changed meanwhile.
    private func restore(
        _ object: OpenObject, of name: ObjectName
    ) throws(StoreError) -> ObjectName {
        let scope = object.scope
        let own = try ObjectName(document: object.name)
        guard own.version?.kind == .removed else {
            try expectCommitted(try changed(object, removal: nil, .always), scope)
            return own
        }
        do throws(StoreError) {
            try rename(object, to: name)
            return name
        } catch {
            guard error.code == .alreadyExists else { throw error }
            let snapshot = name.at(
                ObjectVersion(id: own.version?.id ?? .now(), kind: .snapshot))
            try rename(object, to: snapshot)
            return snapshot
        }
    }

    private func rename(_ object: OpenObject, to name: ObjectName) throws(StoreError) {
        let scope = object.scope
        let renamed = try renamed(object, to: name, removal: nil)
        let answer = try catalog.rename(
            RenameOperation(
                row: object.row, renamed: renamed.kept,
                name: try ObjectName(document: object.name), newName: name, condition: .absent,
                basis: nil, scope: scope.use(for: .unwrapKey), directories: renamed.directories,
                keeping: nil))
        try expectCommitted(answer, scope)
        scope.noteKept(renamed)
        scope.knownDirectories.removeAll()
        for tag in [object.row.tag, renamed.kept.tag] { cache.objects.remove(tag) }
    }

    private func expectCommitted(
        _ answer: CatalogAnswer<Void>, _ scope: Scope
    ) throws(StoreError) {
        switch answer {
        case .committed: return
        case .refused(let error): throw error
        case .stale(let finding):
            try scope.lookAgain(finding, library: library)
            throw StoreError(.busy, "somebody else changed the version")
        }
    }

    /// The version of a name that was removed last, of those that were.
    private func newestRemoved(
        of name: ObjectName, in scope: Scope
    ) throws(StoreError) -> OpenObject? {
        var newest: (id: ObjectVersion, object: OpenObject)?
        var walk = try DirectoryWalk(
            VersionName.directory(ofVersionsOf: name.utf8), in: scope, catalog)
        while true {
            let rows = try walk.nextObjects()
            guard !rows.isEmpty else { return newest?.object }
            for object in try finder.authenticate(rows, in: scope) {
                guard object.document.removal != nil,
                    let version = try ObjectName(document: object.name).version,
                    newest.map({ $0.id < version }) ?? true
                else { continue }
                newest = (version, object)
            }
        }
    }

    // MARK: What is due

    /// Removes for good what was removed and is due, as far as its scope can be opened: the catalog's note of the time is
    /// no more than a hint, which the sealed one has to confirm.
    func removeDue(_ cancellation: Cancellation) throws(StoreError) {
        let now = WallClock.nowMilliseconds
        var (last, scopes): (DueObject?, [Int: ScopeName]?) = (nil, nil)
        while true {
            let due = try catalog.due(before: now, after: last, limit: Self.dueCount)
            guard !due.isEmpty else { return }
            last = due.last
            if scopes == nil {
                scopes = Dictionary(
                    uniqueKeysWithValues: try catalog.scopes().map { ($0.rowID, $0.name) })
            }
            for object in due {
                try cancellation.check()
                if let name = scopes?[object.scope] { try removeIfDue(object, in: name, now) }
            }
        }
    }

    private static let dueCount = 256

    private func removeIfDue(
        _ due: DueObject, in scopeName: ScopeName, _ now: Int
    ) throws(StoreError) {
        do throws(StoreError) {
            guard let scope = try registry.find(scopeName),
                let row = try catalog.object(scope: due.scope, rowID: due.rowID)
            else { return }
            let object = try finder.authenticate(row, name: nil, in: scope)
            guard let removal = object.document.removal, removal.dueMilliseconds < now else {
                return
            }
            let removed = try catalog.remove([
                RemoveOperation(
                    tag: row.tag, scope: scope.use(for: .unwrapKey), revision: row.revision)
            ])[0]
            if case .committed(let outcome) = removed, outcome.isDirectoryGone {
                scope.knownDirectories.removeAll()
            }
            cache.objects.remove(row.tag)
        } catch {
            // It stays, for a repair to look at, or until its key can be had.
            guard error.code == .integrity || error.isKeyRefusal else { throw error }
        }
    }
}

extension Scope {
    /// Remembers the directories of a version that was committed.
    func noteKept(_ version: KeptVersion) {
        for row in version.directories.rows { knownDirectories.insert(row.tag) }
    }

    /// Forgets what an operation was stale for: it is to be made anew, with the scope looked up again.
    func lookAgain(_ finding: CatalogFinding, library: CryptoLibrary) throws(StoreError) {
        switch finding {
        case .scope(_, let found): _ = try place(in: found, library: library)
        case .noDirectory: knownDirectories.removeAll()
        case .otherObject, .otherExtents: break
        }
    }
}

extension ObjectDocument {
    /// When the version was removed; nil if it wasn't.
    var removal: RemovalNote? {
        properties[.removal].flatMap { try? RemovalNote(decoding: $0) }
    }
}
