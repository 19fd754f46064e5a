public import SluiceAccess

// The asynchronous overloads of what concerns keys, as those in Store+Async.swift.
extension Store {
    /// Changes how a scope is encrypted. See the synchronous method.
    @discardableResult
    public func updateScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, rewrapMode: RewrapMode? = nil,
        pollSeconds: Int? = nil
    ) async throws(StoreError) -> ScopeInfo {
        try await run { _ throws(StoreError) in
            try self.updateScope(name, key: key, rewrapMode: rewrapMode, pollSeconds: pollSeconds)
        }
    }

    /// Wraps data keys that are under older versions anew. See the synchronous method.
    @discardableResult
    public func rewrap(
        _ options: RewrapOptions = RewrapOptions(), in scope: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> RewrapReport {
        try await run { cancellation throws(StoreError) in
            try self.rewrap(options, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Disables a key version that nothing needs. See the synchronous method.
    @discardableResult
    public func retireKeyVersion(
        _ key: KeyIdentifier, forgetting forgotten: String? = nil,
        waitingSeconds seconds: Double = 5,
        as identity: Identity
    ) async throws(StoreError) -> AccessChange<KeyDescription> {
        try await run { _ throws(StoreError) in
            try self.retireKeyVersion(
                key, forgetting: forgotten, waitingSeconds: seconds, as: identity)
        }
    }

    /// Pins the present version of an object. See the synchronous method.
    @discardableResult
    public func pin(
        _ name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> PinInfo {
        try await run { _ throws(StoreError) in try self.pin(name, in: scope) }
    }

    /// Ends a pin. See the synchronous method.
    public func unpin(_ id: PinID) async throws(StoreError) {
        try await run { _ throws(StoreError) in try self.unpin(id) }
    }

    /// The pins there are. See the synchronous method.
    public func pins() async throws(StoreError) -> [PinInfo] {
        try await run { _ throws(StoreError) in try self.pins() }
    }

    /// Gets the bytes of a pin. See the synchronous method.
    public func get(
        pinned id: PinID, range: ByteRange = .all
    ) async throws(StoreError) -> [UInt8] {
        try await run { _ throws(StoreError) in try self.get(pinned: id, range: range) }
    }
}
