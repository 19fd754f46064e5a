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
            isRemoval ? .removed : .snapshot, of: object, removal: try removal(policy))
    }

    /// That something is removed now, in a scope of this policy: if the clock was set back, by the time that it must be at
    /// least.
    private func removal(_ policy: RetentionPolicy) throws(StoreError) -> RemovalNote {
        var now = clock.nowMilliseconds()
        if let moment = (clock as? any SettableClock)?.bootMoment(),
            let noted = try catalog.notedMoment()
        {
            now = max(now, noted.earliest(at: moment) * 1000)
        }
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
        of object: OpenObject, condition: Condition, state: StateBasis
    ) throws(StoreError) -> CatalogAnswer<Bool> {
        let scope = object.scope
        let policy = scope.record.retention
        guard policy.removedSeconds > 0, object.document.removal == nil else {
            return .committed(false)
        }
        let note = try removal(policy)
        switch try changed(object, removal: note, condition, state) {
        case .committed: return .committed(true)
        case .refused(let error): return .refused(error)
        case .stale(let finding): return .stale(finding)
        }
    }

    /// Sets or takes away the note that a version was removed.
    private func changed(
        _ object: OpenObject, removal: RemovalNote?, _ condition: Condition, _ state: StateBasis
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let scope = object.scope
        var document = object.document
        document.properties[.removal] = removal?.encoded()
        let row = try sealer.resealed(object.row, document, in: scope)
        return try catalog.update(
            UpdateOperation(
                row: object.row, changed: row, name: try ObjectName(document: object.name),
                condition: condition, scope: scope.use(for: .unwrapKey, isChange: true),
                dueMilliseconds: removal?.dueMilliseconds, state: state))
    }

    // MARK: Bringing back

    /// See ``Store/restoreVersions(of:in:)``.
    func restore(
        _ name: ObjectName, in scopeName: ScopeName
    ) throws(StoreError) -> [ObjectInfo] {
        try context.checkWritable()
        try name.requireOwn()
        let cancellation = context.beginOperation()
        var restored: [ObjectName] = []
        var removed: [ObjectVersion] = []
        repeat {
            let scope = try registry.scopeForRead(scopeName, of: name)
            removed = try self.removed(of: name, in: scope)
            for version in removed {
                try cancellation.check()
                if let own = try restore(name.at(version), of: name, in: scope) {
                    restored.append(own)
                }
            }
            // What somebody changed meanwhile is looked at again.
        } while !removed.isEmpty
        let scope = try registry.scopeForRead(scopeName, of: name)
        var objects: [OpenObject] = []
        for name in restored {
            let tag = try finder.tag(of: name, in: scope)
            guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else {
                continue
            }
            objects.append(try finder.authenticate(row, name: name, in: scope))
        }
        var reading = try authorizer.reading(scope)
        return try access.release(&reading) { () throws(StoreError) in
            guard !restored.isEmpty else {
                throw StoreError(
                    .notFound, "nothing that was removed is kept of '\(name)'",
                    about: .object(name.description),
                    remedies: [.list(.versions(of: name.description))])
            }
            var infos: [ObjectInfo] = []
            for object in objects { infos.append(try object.info) }
            return infos
        }
    }

    /// Brings a version back: as the object, if there is none and this was it, otherwise as a version. Its name then; nil
    /// if it isn't there, or was brought back or changed meanwhile.
    private func restore(
        _ version: ObjectName, of name: ObjectName, in scope: Scope
    ) throws(StoreError) -> ObjectName? {
        let tag = try finder.tag(of: version, in: scope)
        guard let row = try catalog.object(scope: scope.record.rowID, tag: tag) else { return nil }
        let object = try finder.authenticate(row, name: version, in: scope)
        guard object.document.removal != nil else { return nil }
        guard version.version?.kind == .removed else {
            let state = try finder.states.state(ofTag: tag, in: scope).basis
            let answer = try changed(object, removal: nil, .always, state)
            return try isCommitted(answer, scope) ? version : nil
        }
        // With another in its place, it comes back as a snapshot.
        let id = version.version?.id ?? .now()
        let names = [id, .now()].map { name.at(ObjectVersion(id: $0, kind: .snapshot)) }
        for own in [name] + names {
            do throws(StoreError) {
                return try rename(object, to: own) ? own : nil
            } catch {
                guard error.code == .alreadyExists else { throw error }
            }
        }
        return nil
    }

    /// Whether it could be: nobody changed it meanwhile. ``StoreError/Code/alreadyExists`` if something has the name.
    private func rename(_ object: OpenObject, to name: ObjectName) throws(StoreError) -> Bool {
        let scope = object.scope
        let renamed = try renamed(object, to: name, removal: nil)
        let states = finder.states
        let answer = try catalog.rename(
            RenameOperation(
                row: object.row, renamed: renamed.kept,
                name: try ObjectName(document: object.name), newName: name, condition: .absent,
                basis: nil, scope: scope.use(for: .unwrapKey, isChange: true),
                directories: renamed.directories,
                state: try states.state(ofTag: object.row.tag, in: scope).basis,
                targetState: try states.state(ofTag: renamed.kept.tag, in: scope).basis))
        guard try isCommitted(answer, scope) else { return false }
        scope.noteKept(renamed)
        scope.knownDirectories.removeAll()
        for tag in [object.row.tag, renamed.kept.tag] { cache.objects.remove(tag) }
        return true
    }

    private func isCommitted(
        _ answer: CatalogAnswer<Void>, _ scope: Scope
    ) throws(StoreError) -> Bool {
        switch answer {
        case .committed: return true
        // Gone meanwhile.
        case .refused(let error) where error.code == .notFound: return false
        case .refused(let error): throw error
        case .stale(let finding):
            try scope.lookAgain(finding, library: library)
            return false
        }
    }

    /// The versions of a name that were removed, the newest first.
    private func removed(
        of name: ObjectName, in scope: Scope
    ) throws(StoreError) -> [ObjectVersion] {
        var removed: [ObjectVersion] = []
        for object in try finder.versions(of: name, in: scope)
        where object.document.removal != nil {
            if let version = try ObjectName(document: object.name).version {
                removed.append(version)
            }
        }
        return removed.sorted { $1 < $0 }
    }

    // MARK: What is due

    /// Removes for good what was removed and is due, as far as its scope can be opened, and the clock is believed
    /// (``BootMoment``). The catalog's note of the time is no more than a hint, which the sealed one has to confirm.
    func removeDue(_ cancellation: Cancellation) throws(StoreError) {
        let now = clock.nowMilliseconds()
        var last: DueObject?
        var refused: Set<Int> = []
        while true {
            let due = try catalog.due(before: now, after: last, limit: Self.dueCount)
            guard let next = due.last else { return }
            if last == nil {
                guard try isClockBelieved() else { return }
            }
            // Whatever somebody has planted there, the way goes on.
            if let last {
                guard
                    (last.dueMilliseconds, last.rowID) < (next.dueMilliseconds, next.rowID)
                else { return }
            }
            last = next
            for (scope, objects) in Dictionary(grouping: due, by: \.scope)
            where !refused.contains(scope) {
                try cancellation.check()
                if try !remove(due: objects, inScope: scope, now) { refused.insert(scope) }
            }
        }
    }

    /// What is removed in one transaction.
    private static let dueCount = 64

    /// Whether the clock may be believed that something is due; notes for later what it says.
    private func isClockBelieved() throws(StoreError) -> Bool {
        guard let settable = clock as? any SettableClock else { return true }
        guard let moment = settable.bootMoment() else { return false }
        let noted = try catalog.notedMoment()
        if moment.replaces(noted) { try catalog.note(moment) }
        return moment.isPlausible(since: noted)
    }

    /// Removes what is due in a scope; whether the scope could be opened.
    private func remove(
        due: [DueObject], inScope rowID: Int, _ now: Int
    ) throws(StoreError) -> Bool {
        guard let record = try catalog.scope(rowID: rowID) else { return false }
        do throws(StoreError) {
            guard let scope = try registry.find(record.name) else { return false }
            var removals: [RemoveOperation] = []
            for object in due {
                guard let row = try catalog.object(scope: rowID, rowID: object.rowID) else {
                    continue
                }
                if let removal = try removal(of: row, in: scope, now) { removals.append(removal) }
            }
            guard !removals.isEmpty else { return true }
            for (removal, answer) in zip(removals, try catalog.remove(removals)) {
                switch answer {
                case .committed(let outcome):
                    if outcome.isDirectoryGone { scope.knownDirectories.removeAll() }
                    cache.objects.remove(removal.tag)
                // Held, leased, or changed meanwhile: the next round looks again.
                case .refused: continue
                case .stale(let finding): try scope.lookAgain(finding, library: library)
                }
            }
            return true
        } catch {
            guard error.isKeyRefusal else { throw error }
            return false
        }
    }

    /// How an object is removed that is due by what is sealed of it; nil if it isn't, or is damaged, which is for a repair.
    private func removal(
        of row: ObjectRow, in scope: Scope, _ now: Int
    ) throws(StoreError) -> RemoveOperation? {
        do throws(StoreError) {
            let object = try finder.authenticate(row, name: nil, in: scope)
            let note = object.document.removal
            guard let note, note.dueMilliseconds < now else {
                // So that nobody is led here again.
                try catalog.setDue(
                    note?.dueMilliseconds, ofObject: row.rowID, revision: row.revision)
                return nil
            }
            return RemoveOperation(
                tag: row.tag, scope: scope.use(for: .unwrapKey), revision: row.revision)
        } catch {
            guard error.code == .integrity else { throw error }
            return nil
        }
    }
}

extension ObjectDocument {
    /// When the version was removed; nil if it wasn't.
    var removal: RemovalNote? {
        properties[.removal].flatMap { try? RemovalNote(decoding: $0) }
    }
}
