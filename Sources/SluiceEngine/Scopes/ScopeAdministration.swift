internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What is told of scopes, and what is changed. Thread-safe.
final class ScopeAdministration: Sendable, StoreComponent {
    let context: StoreContext
    let registry: ScopeRegistry
    let maker: ScopeMaker
    let adoption: KeyAdoption

    init(
        context: StoreContext, registry: ScopeRegistry, maker: ScopeMaker, adoption: KeyAdoption
    ) {
        self.context = context
        self.registry = registry
        self.maker = maker
        self.adoption = adoption
    }

    /// See ``Store/createScope(_:key:wrapping:identity:)``.
    @discardableResult
    func createScope(
        _ name: ScopeName, key: KeyIdentifier?, wrapping: KeyWrapping, identity: Identity?
    ) throws(StoreError) -> ScopeInfo {
        try context.checkWritable()
        guard name != .pins else {
            throw StoreError(
                .invalidName, "the scope '\(name)' is for pins", about: .scope(name.description),
                remedies: [.choose(.otherName)])
        }
        try identity?.validateForScope()
        try maker.make(name, key: key, wrapping: wrapping, identity: identity)
        return try scope(name)
    }

    /// See ``Store/updateScope(_:key:rewrapMode:pollInterval:retention:wrapping:identity:)``.
    @discardableResult
    func updateScope(
        _ name: ScopeName, key: KeyIdentifier?, rewrapMode: RewrapMode?,
        pollInterval: Duration?, retention: RetentionPolicy?, wrapping: KeyWrapping?,
        identity: Identity?
    ) throws(StoreError) -> ScopeInfo {
        let seconds = try pollInterval.map { interval throws(StoreError) in
            try interval.seconds(of: "a poll interval")
        }
        if let retention {
            _ = try retention.keepsRemovedFor.seconds(
                of: "the time for which what is removed is kept")
        }
        if let identity {
            try identity.validateForScope()
            try context.checkWritable()
            try adoption.setIdentity(identity, of: name)
            registry.forget(name)
        }
        while true {
            let scope = try registry.scopeForPut(name)
            var record = scope.record
            if let key { record = try adoption.movedScope(record, to: key) }
            record.rewrapMode = rewrapMode ?? record.rewrapMode
            record.pollSeconds = seconds ?? record.pollSeconds
            record.retention = retention ?? record.retention
            record.wrapping = wrapping ?? record.wrapping
            if try adoption.replace(scope.record, with: record) {
                registry.forget(name)
                return try self.scope(name)
            }
            // Another process changed the scope meanwhile: look again.
            scope.distrust()
        }
    }

    /// See ``Store/removeScope(_:waiting:)``.
    func removeScope(
        _ name: ScopeName, waiting deadline: Deadline
    ) throws(StoreError) -> ScopeRemoval {
        try context.checkWritable()
        while true {
            guard name != .pins, let record = try catalog.scope(named: name) else {
                throw StoreError.missingScope(name)
            }
            let count = try catalog.total(scope: record.rowID)
            guard try catalog.remove(record) else { continue }
            registry.forget(name)
            return ScopeRemoval(
                name: name, objectCount: count.objectCount, byteCount: count.byteCount,
                confirmation: try forgetAnchors(of: record, deadline))
        }
    }

    /// Has the vaults forget a scope, and everybody look whether it is there: last that of its key, which most often is the
    /// only one that knows it. Nil if one can't now.
    private func forgetAnchors(
        of record: ScopeRecord, _ deadline: Deadline
    ) throws(StoreError) -> BarrierConfirmation? {
        let own = record.currentKey.vault
        let removed = try catalog.removedScopes().first { $0.rowID == record.rowID }
        let scope =
            removed
            ?? RemovedScope(
                rowID: record.rowID, scopeID: record.scopeID, vaults: [own], isEmptied: true)
        var isAnyLeft = false
        for vault in scope.vaults where vault != own {
            if try !forgetAnchor(ofScope: scope, in: vault, waiting: deadline).isForgotten {
                isAnyLeft = true
            }
        }
        let confirmation = try forgetAnchor(ofScope: scope, in: own, waiting: deadline).confirmation
        return isAnyLeft ? nil : confirmation
    }

    /// See ``Store/scopes()``.
    func scopes() throws(StoreError) -> [ScopeInfo] {
        try context.checkOpen()
        var scopes: [ScopeInfo] = []
        for record in try catalog.scopes() where record.name != .pins {
            scopes.append(ScopeInfo(record, census: try catalog.census(scope: record.rowID)))
        }
        return scopes
    }

    /// See ``Store/scope(_:)``.
    func scope(_ name: ScopeName) throws(StoreError) -> ScopeInfo {
        try context.checkOpen()
        guard name != .pins, let record = try catalog.scope(named: name) else {
            throw StoreError.missingScope(name)
        }
        return ScopeInfo(record, census: try catalog.census(scope: record.rowID))
    }

    /// See ``Store/status()``.
    func status() throws(StoreError) -> StoreStatus {
        let scopes = try scopes()
        return StoreStatus(
            storeID: String(hexadecimal: catalog.store.storeID),
            formatVersion: catalog.store.formatVersion, scopes: scopes,
            garbageCount: try catalog.garbage(limit: .max).count, pinCount: try catalog.pinCount(),
            lostAndFound: try files?.lostAndFound())
    }
}

extension ScopeInfo {
    fileprivate init(_ record: ScopeRecord, census: [CensusEntry]) {
        self.init(
            name: record.name, keySetting: record.keySetting, rewrapMode: record.rewrapMode,
            pollInterval: .seconds(record.pollSeconds), retention: record.retention,
            wrapping: record.wrapping, identity: record.ownIdentity,
            currentKey: record.currentKey,
            createdMilliseconds: record.createdMilliseconds, census: census)
    }
}

extension Identity {
    /// Throws ``StoreError/Code/invalidArgument`` if no scope can ask as this.
    fileprivate func validateForScope() throws(StoreError) {
        do throws(VaultError) {
            try validate()
        } catch {
            throw StoreError(vault: error, "let a scope ask as '\(objectID.prefix(80))'")
        }
    }
}

extension Duration {
    /// So many whole seconds, from 0 to 2^32 - 1; else ``StoreError/Code/invalidArgument``, which says of what.
    func seconds(of what: String) throws(StoreError) -> Int {
        let (seconds, rest) = components
        guard rest == 0, UInt32(exactly: seconds) != nil else {
            throw StoreError(
                .invalidArgument, "\(what) is from 0 to 2^32 - 1 whole seconds, not \(self)")
        }
        return Int(seconds)
    }
}
