/// Past versions of objects (``ObjectVersion``). The name of one is as good as an object's own for whatever reads.
extension Store {
    /// Makes a snapshot of an object: a version with the same bytes, properties and metadata, whose name is in what is
    /// returned. It shares the bytes on disk.
    ///
    /// Throws ``StoreError/Code/notFound``, and what `condition` does.
    @available(*, noasync)
    @discardableResult
    public func snapshot(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try versionKeeper.snapshot(name, in: scope, condition: condition)
    }

    /// The versions of an object, those that were removed too, the oldest first; none if there are none, be there an
    /// object of that name or not.
    @available(*, noasync)
    public func versions(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> [ObjectInfo] {
        try name.requireOwn()
        return try listings.versions(of: name, in: scope)
    }

    /// Brings back what was removed of an object, in a scope that keeps it (``RetentionPolicy``): the newest that was
    /// removed as the object itself, if there is none of that name now, everything else as versions.
    ///
    /// Throws ``StoreError/Code/notFound`` if nothing is kept.
    ///
    /// - Returns: What was brought back, the newest first.
    @available(*, noasync)
    @discardableResult
    public func restoreVersions(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> [ObjectInfo] {
        try versionKeeper.restore(name, in: scope)
    }

    // MARK: Asynchronous

    /// Makes a snapshot of an object. See the synchronous method.
    @discardableResult
    public func snapshot(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { _ throws(StoreError) in
            try self.snapshot(name, in: scope, if: condition)
        }
    }

    /// The versions of an object. See the synchronous method.
    public func versions(
        of name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> [ObjectInfo] {
        try await runner.run { _ throws(StoreError) in try self.versions(of: name, in: scope) }
    }

    /// Brings back what was removed of an object. See the synchronous method.
    @discardableResult
    public func restoreVersions(
        of name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> [ObjectInfo] {
        try await runner.run { _ throws(StoreError) in
            try self.restoreVersions(of: name, in: scope)
        }
    }
}
