internal import Logging
internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a store does when access has changed, besides refusing: it wipes keys that it may not use now. Thread-safe.
final class AccessWatch: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let listings: OpenListings
    /// Once there is a gate to be told by.
    private let watch = Mutex<[GateRegistration]>([])

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry,
        listings: OpenListings
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.listings = listings
    }

    var isWatching: Bool { watch.withLock { !$0.isEmpty } }

    /// Ends the watch.
    func finish() {
        watch.withLock { $0 = [] }
    }

    /// See ``Store/confirmBarrier(waitingSeconds:)``.
    func confirmBarrier(
        waitingSeconds seconds: Double
    ) throws(StoreError) -> BarrierConfirmation {
        try context.checkOpen()
        return try translated("confirm the barrier") { () throws(VaultError) in
            try keyService.gate().confirm(waiting: .seconds(seconds))
        }
    }

    /// Has keys wiped whenever access to them is taken away, from now on, even while nobody reads, and the
    /// store's files looked at every second.
    func watchAccess(_ gate: ReleaseGate) {
        watch.withLock { watch in
            guard watch.isEmpty else { return }
            do throws(VaultError) {
                let look = gate.onLook { [weak self] in
                    self?.context.lookAtFiles()
                    return false
                }
                watch = [look, try gate.onAdvance { [weak self] _ in self?.dropRevokedKeys() }]
            } catch {
                logger.warning(
                    "changes of access can't be watched: keys are wiped at the next use",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// Wipes what was unwrapped under versions that the store may not use now, and the workers' buffers,
    /// which may hold what was read with it. What an operation is using goes when that ends.
    func dropRevokedKeys() {
        keyService.dropRevokedKeys()
        var reader = Readability(of: self)
        dropRevokedNames(&reader)
        var isAnyDropped = false
        defer {
            if isAnyDropped { workers.drain() }
        }
        let scopes = registry.all
        var scopesByRow: [Int: Scope] = [:]
        for scope in scopes.values { scopesByRow[scope.record.rowID] = scope }
        let revoked = cache.sources.filter { source in
            !reader.mayRead(source.keyRowID, for: scopesByRow[source.scopeRowID])
        }
        if !revoked.isEmpty {
            cache.wipe(from: revoked)
            isAnyDropped = true
        }
        for (name, scope) in scopes where !reader.mayRead(scope) {
            // Without the scope's key none of its objects can be read.
            cache.wipe(scopes: [scope.record.rowID])
            registry.forget(name)
            scope.sessions.drain()
            isAnyDropped = true
        }
    }

    /// Wipes the names that listings of scopes keep which the store may not read now.
    private func dropRevokedNames(_ reader: inout Readability) {
        for listing in listings.all {
            guard let scope = listing.keptScope else { continue }
            if !reader.mayRead(scope) { listing.drop() }
        }
    }

    /// Whether key versions may be read under, each asked for once for each principal: scopes share them.
    private struct Readability {
        private let watch: AccessWatch
        private var answers: [Identity: [Int: Bool]] = [:]

        init(of watch: AccessWatch) {
            self.watch = watch
        }

        mutating func mayRead(_ scope: Scope) -> Bool {
            mayRead(scope.record.currentKeyRowID, for: scope)
        }

        /// Whether a scope may, or the store itself if that isn't open.
        mutating func mayRead(_ keyRowID: Int, for scope: Scope?) -> Bool {
            guard let key = try? watch.catalog.key(rowID: keyRowID) else { return false }
            let identity = scope?.identity(for: key) ?? watch.identity
            if let answer = answers[identity]?[keyRowID] { return answer }
            let answer = watch.mayRead(key, keyRowID, as: identity)
            answers[identity, default: [:]][keyRowID] = answer
            return answer
        }
    }

    private func mayRead(_ key: KeyIdentifier, _ keyRowID: Int, as identity: Identity) -> Bool {
        do throws(VaultError) {
            _ = try access.renewedReadGrant(key, rowID: keyRowID, as: identity)
            return true
        } catch {
            return false
        }
    }
}
