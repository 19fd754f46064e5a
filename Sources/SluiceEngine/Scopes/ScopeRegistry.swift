internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The scopes that are open, kept true to the catalog and the vaults. Thread-safe.
final class ScopeRegistry: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let opener: ScopeOpener
    let maker: ScopeMaker
    let adoption: KeyAdoption
    private let openScopes: Guarded<OpenScopes>
    /// What scopes are called, by their rows: no other scope ever has that row, and none gets another name.
    private let names = Guarded<[Int: ScopeName]>([:])
    /// Held by the one thread that makes the default scope.
    private let defaultScopeTurn = Mutex(())
    private let gateHandler = Mutex<(@Sendable (ReleaseGate) -> Void)?>(nil)

    init(
        context: StoreContext, cache: ObjectCache, opener: ScopeOpener, maker: ScopeMaker,
        adoption: KeyAdoption
    ) {
        self.context = context
        self.cache = cache
        self.opener = opener
        self.maker = maker
        self.adoption = adoption
        openScopes = Guarded(OpenScopes(limit: context.openScopeCount))
    }

    /// What is told of the gate before anything goes through it.
    func setGateHandler(_ handler: @escaping @Sendable (ReleaseGate) -> Void) {
        gateHandler.withLock { $0 = handler }
    }

    /// Lets go of everything.
    func removeAll() {
        openScopes.withLock { $0.removeAll() }
        gateHandler.withLock { $0 = nil }
    }

    /// The scopes that are open now.
    var all: [ScopeName: Scope] { openScopes.withLock { $0.all } }

    /// The keys of a scope, from the vault at the first use; nil if there is no such scope.
    ///
    /// Whenever access has changed, the catalog is asked whether the scope has another key by now, and
    /// the vault whether the store may still use it, and whether there is a newer version.
    func find(_ name: ScopeName) throws(StoreError) -> Scope? {
        try context.checkOpen()
        let known = openScopes.withLock { $0[name] }
        if let known, known.isTrusted(by: clock) { return known }
        return try refresh(name, known)
    }

    /// What the scope in a row is called; nil if there is none.
    func name(ofScope rowID: Int) throws(StoreError) -> ScopeName? {
        if let name = names.withLock({ $0[rowID] }) { return name }
        guard let name = try catalog.scope(rowID: rowID)?.name else { return nil }
        names.withLock { names in
            if names.count >= context.openScopeCount { names.removeAll() }
            names[rowID] = name
        }
        return name
    }

    /// The keys of a scope that must be there.
    func scope(named name: ScopeName) throws(StoreError) -> Scope {
        if let scope = try find(name) { return scope }
        throw StoreError.missingScope(name)
    }

    /// The scope to read from; nil for a default scope that was never put to, which has no objects.
    func scopeForRead(_ name: ScopeName) throws(StoreError) -> Scope? {
        if let scope = try find(name) { return scope }
        guard name == .default else { throw StoreError.missingScope(name) }
        try maker.checkNoneIsLost(name)
        return nil
    }

    /// The scope to read an object from.
    func scopeForRead(_ name: ScopeName, of object: ObjectName) throws(StoreError) -> Scope {
        guard let scope = try scopeForRead(name) else { throw StoreError.noObject(object) }
        return scope
    }

    /// The scope that a put goes to: the default one is made, under the platform's key, when it is
    /// first needed.
    func scopeForPut(_ name: ScopeName) throws(StoreError) -> Scope {
        try context.checkWritable()
        guard name != .pins else { throw StoreError.missingScope(name) }
        if let scope = try find(name) { return scope }
        if name == .default { try makeDefaultScope() }
        return try scope(named: name)
    }

    /// Makes the default scope unless somebody else does so first.
    private func makeDefaultScope() throws(StoreError) {
        try defaultScopeTurn.withLock { _ throws(StoreError) in
            // Made while this thread stood here: another key for it would be made for nothing, which takes long.
            guard try catalog.scope(named: .default) == nil else { return }
            do throws(StoreError) {
                try maker.make(.default, key: nil, isImplied: true)
            } catch {
                // Another process was first.
                guard error.code == .alreadyExists else { throw error }
            }
        }
    }

    private func refresh(_ name: ScopeName, _ known: Scope?) throws(StoreError) -> Scope? {
        context.lookAtFiles()
        try context.checkOpen()
        // Where the vaults aren't, no barrier of theirs is made. Where they are, it is watched before the
        // first question: a key that is asked for and taken away again is dropped by whoever watches.
        try watchPresentGate()
        guard try permittedRecord(of: name) != nil else { return nil }
        let gate = try context.gate()
        tell(gate)
        // Before what counts is asked: what changes meanwhile makes the answers old ones.
        let epoch = gate.epoch
        let milliseconds = clock.nowMilliseconds()
        guard var record = try permittedRecord(of: name) else { return nil }
        // The key version of a row that has moved is a stale answer, whoever moved it.
        let isMoved = known.map { $0.record.currentKeyRowID != record.currentKeyRowID } ?? false
        record = adoption.adoptingNewest(record, asking: isMoved)
        let scope: Scope
        if let known, known.record == record {
            scope = known
        } else {
            scope = try opener.open(record, gate)
        }
        scope.noteChecked(epoch: epoch, milliseconds: milliseconds)
        keep(scope, as: name)
        // Asked in an epoch that is over: what was dropped since doesn't come back, and this use ends at the
        // gate if it may not go on.
        if gate.epoch != epoch { forget(name, scope) }
        return scope
    }

    private func tell(_ gate: ReleaseGate) {
        gateHandler.withLock { $0 }?(gate)
    }

    private func watchPresentGate() throws(StoreError) {
        do throws(VaultError) {
            if let gate = try keyService.presentGate() { tell(gate) }
        } catch {
            throw StoreError(vault: error, "open the vaults' read barrier")
        }
    }

    /// The row of a scope, if there is one, that the store may open now; otherwise its keys are let go.
    private func permittedRecord(of name: ScopeName) throws(StoreError) -> ScopeRecord? {
        let found: ScopeRecord?
        do throws(StoreError) {
            found = try opener.anchoredRecord(of: name)
        } catch {
            forget(name)
            throw error
        }
        guard let record = found else {
            forget(name)
            return nil
        }
        do throws(VaultError) {
            _ = try access.renewedReadGrant(
                record.currentKey, rowID: record.currentKeyRowID,
                as: principal(of: record))
            return record
        } catch {
            forget(name)
            throw opener.scopeError(error, "open the scope '\(name)'", record)
        }
    }

    /// Lets go of a scope's keys: of one, unless another is open by now under that name, or of any.
    func forget(_ name: ScopeName, _ known: Scope? = nil) {
        let found = openScopes.withLock { scopes -> Scope? in
            if let known, scopes[name] !== known { return nil }
            return scopes.remove(name)
        }
        guard let scope = found else { return }
        scope.forgetDataKeys()
        // What is known of objects holds the scope that authenticated it; and nobody would ask any more whether its data keys
        // may stay.
        cache.wipe(scopes: [scope.record.rowID])
    }

    /// Keeps a scope open; those that weren't used for long are let go of, with what is known of their objects.
    private func keep(_ scope: Scope, as name: ScopeName) {
        let unused = openScopes.withLock { $0.insert(scope, as: name) }
        guard !unused.isEmpty else { return }
        for scope in unused { scope.forgetDataKeys() }
        cache.wipe(scopes: Set(unused.map(\.record.rowID)))
    }
}
