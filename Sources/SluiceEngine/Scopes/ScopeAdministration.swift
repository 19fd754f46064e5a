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

    /// See ``Store/createScope(_:key:)``.
    @discardableResult
    func createScope(
        _ name: ScopeName, key: KeyIdentifier?
    ) throws(StoreError) -> ScopeInfo {
        try context.checkOpen()
        guard name != .pins else {
            throw StoreError(
                .invalidName, "the scope '\(name)' is for pins", about: .scope(name.description),
                remedies: [.choose(.otherName)])
        }
        try maker.make(name, key: key)
        return try scope(name)
    }

    /// See ``Store/updateScope(_:key:rewrapMode:pollSeconds:)``.
    @discardableResult
    func updateScope(
        _ name: ScopeName, key: KeyIdentifier?, rewrapMode: RewrapMode?,
        pollSeconds: Int?
    ) throws(StoreError) -> ScopeInfo {
        if let pollSeconds, UInt32(exactly: pollSeconds) == nil {
            throw StoreError(
                .invalidArgument,
                "a poll interval of \(pollSeconds) s is not between 0 and 2^32 - 1")
        }
        while true {
            let scope = try registry.scopeForPut(name)
            var record = scope.record
            if let key { record = try adoption.movedScope(record, to: key) }
            record.rewrapMode = rewrapMode ?? record.rewrapMode
            record.pollSeconds = pollSeconds ?? record.pollSeconds
            if try adoption.replace(scope.record, with: record) {
                registry.forget(name)
                return try self.scope(name)
            }
            // Another process changed the scope meanwhile: look again.
            scope.distrust()
        }
    }

    /// See ``Store/scopes()``.
    func scopes() throws(StoreError) -> [ScopeInfo] {
        try context.checkOpen()
        return try catalog.read { reader throws(StoreError) in
            var scopes: [ScopeInfo] = []
            for record in try reader.scopes() where record.name != .pins {
                scopes.append(ScopeInfo(record, census: try reader.census(scope: record.rowID)))
            }
            return scopes
        }
    }

    /// See ``Store/scope(_:)``.
    func scope(_ name: ScopeName) throws(StoreError) -> ScopeInfo {
        try context.checkOpen()
        return try catalog.read { reader throws(StoreError) in
            guard name != .pins, let record = try reader.scope(named: name) else {
                throw StoreError.missingScope(name)
            }
            return ScopeInfo(record, census: try reader.census(scope: record.rowID))
        }
    }

    /// See ``Store/status()``.
    func status() throws(StoreError) -> StoreStatus {
        let scopes = try scopes()
        let garbageCount = try catalog.read { reader throws(StoreError) in
            try reader.garbage().count
        }
        let pinCount = try catalog.read { reader throws(StoreError) in
            try reader.pinCount()
        }
        return StoreStatus(
            storeID: String(hexadecimal: catalog.store.storeID),
            formatVersion: catalog.store.formatVersion, scopes: scopes,
            garbageCount: garbageCount, pinCount: pinCount,
            lostAndFound: try files?.lostAndFound())
    }
}

extension ScopeInfo {
    fileprivate init(_ record: ScopeRecord, census: [CensusEntry]) {
        self.init(
            name: record.name, keySetting: record.keySetting, rewrapMode: record.rewrapMode,
            pollSeconds: record.pollSeconds, currentKey: record.currentKey,
            createdMilliseconds: record.createdMilliseconds, census: census)
    }
}
