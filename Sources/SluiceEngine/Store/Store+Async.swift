public import SluiceAccess
internal import SluiceFormat

// The asynchronous overloads: each runs its synchronous twin on the store's queue. Cancelling the task
// ends a put, get, copy or verification soon, with `StoreError.Code.cancelled`.
extension Store {
    /// Puts bytes as an object. See the synchronous method.
    @discardableResult
    public func put(
        _ bytes: [UInt8], as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions()
    ) async throws(StoreError) -> ObjectInfo {
        let plan = try PutPlan(name, options)
        let place =
            bytes.count <= ObjectSealer.inlineByteCountLimit ? OperationRunner.Place.lanes : .queue
        return try await runner.run(on: place) { cancellation throws(StoreError) in
            try self.objectWriter.put(bytes, plan, in: scope, cancellation: cancellation)
        }
    }

    /// Puts a text, as UTF-8. See the synchronous method.
    @discardableResult
    public func put(
        _ text: String, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions()
    ) async throws(StoreError) -> ObjectInfo {
        try await put(Array(text.utf8), as: name, in: scope, options: options)
    }

    /// Opens an object. See the synchronous method.
    public func open(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> StoredObject {
        try await runner.run { _ throws(StoreError) in
            try self.open(name, in: scope, if: condition)
        }
    }

    /// Puts a file's content as an object. See the synchronous method.
    @discardableResult
    public func put(
        fileAt path: String, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        let plan = try PutPlan(name, options)
        return try await runner.run { cancellation throws(StoreError) in
            try self.objectWriter.put(
                fileAt: path, plan, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Puts a stream of unknown length as an object. See the synchronous method.
    @discardableResult
    public func put(
        from source: any ByteSource, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        let plan = try PutPlan(name, options)
        return try await runner.run { cancellation throws(StoreError) in
            try self.objectWriter.put(
                from: source, plan, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Gets an object's bytes, or a range of them. See the synchronous method.
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> [UInt8] {
        try await runner.run { cancellation throws(StoreError) in
            try self.objectReader.get(
                name, range: range, in: scope, if: condition, cancellation: cancellation)
        }
    }

    /// Gets an object to a file. See the synchronous method.
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always, toFileAt path: String, progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.objectReader.get(
                name, range: range, in: scope, if: condition, toFileAt: path, progress: progress,
                cancellation: cancellation)
        }
    }

    /// Gets an object's bytes in order. See the synchronous method.
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always, to sink: any ByteSink, progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.objectReader.get(
                name, range: range, in: scope, if: condition, to: sink, progress: progress,
                cancellation: cancellation)
        }
    }

    /// What is known of an object. See the synchronous method.
    public func info(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { _ throws(StoreError) in
            try self.info(name, in: scope, if: condition)
        }
    }

    /// Lists objects and directories. See the synchronous method.
    public func list(
        _ options: ListOptions = ListOptions(), in scope: ScopeName = .default
    ) async throws(StoreError) -> ListPage {
        try await runner.run { _ throws(StoreError) in try self.list(options, in: scope) }
    }

    /// Removes an object. See the synchronous method.
    public func remove(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) {
        try await runner.run(on: .lanes) { _ throws(StoreError) in
            try self.remove(name, in: scope, if: condition)
        }
    }

    /// Gives an object another name. See the synchronous method.
    @discardableResult
    public func rename(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run(on: .lanes) { _ throws(StoreError) in
            try self.rename(name, to: new, in: scope, if: condition)
        }
    }

    /// Changes what an object is said to be. See the synchronous method.
    @discardableResult
    public func update(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always,
        _ change: @escaping @Sendable (inout ObjectAttributes) -> Void
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run(on: .lanes) { _ throws(StoreError) in
            try self.update(name, in: scope, if: condition, change)
        }
    }

    /// Copies an object, sealed anew. See the synchronous method.
    @discardableResult
    public func copy(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        toScope: ScopeName? = nil, encryptionScope: ScopeName? = nil,
        sourceKey: ProvidedKey? = nil, providedKey: ProvidedKey? = nil,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.copier.copy(
                name, to: new, in: scope,
                target: ObjectCopier.Target(
                    scope: toScope, encryption: encryptionScope, sourceKey: sourceKey,
                    providedKey: providedKey),
                condition: condition, cancellation: cancellation)
        }
    }

    /// Puts bytes as an object that come when they come, as from a network: while none do, no thread is held, and no more
    /// than some MiB of memory.
    ///
    /// The object is there when all have come, and not before. An error that the sequence throws is thrown as
    /// ``StoreError/Code/inputOutput``, and nothing is stored.
    @discardableResult
    public func put<Bytes: AsyncSequence>(
        streaming bytes: Bytes, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), isolation: isolated (any Actor)? = #isolation
    ) async throws(StoreError) -> ObjectInfo where Bytes.Element == [UInt8] {
        var put = StreamedPut(uploads, runner, try PutPlan(name, options), in: scope)
        do {
            var iterator = bytes.makeAsyncIterator()
            while let part = try await iterator.next(isolation: isolation) {
                try await put.add(part)
            }
            return try await put.finish()
        } catch {
            await put.abandon()
            throw error as? StoreError
                ?? StoreError(.inputOutput, "the source failed: \(error)", cause: error)
        }
    }

    /// Adds bytes to the end of an object. See the synchronous method.
    @discardableResult
    public func append(
        _ bytes: [UInt8], to name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.append(
                bytes, to: name, in: scope, condition: condition, cancellation)
        }
    }

    /// Writes bytes over those of an object. See the synchronous method.
    @discardableResult
    public func write(
        _ bytes: [UInt8], to name: ObjectName, at offset: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.write(
                bytes, to: name, at: offset, in: scope, condition: condition, cancellation)
        }
    }

    /// Makes bytes of an object zeros. See the synchronous method.
    @discardableResult
    public func clear(
        _ range: Range<Int>, of name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.clear(
                range, of: name, in: scope, condition: condition, cancellation)
        }
    }

    /// Cuts an object, or makes it longer. See the synchronous method.
    @discardableResult
    public func resize(
        _ name: ObjectName, to byteCount: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.resize(
                name, to: byteCount, in: scope, condition: condition, cancellation)
        }
    }

    /// Reads and authenticates objects. See the synchronous method.
    public func verify(
        _ names: [ObjectName]? = nil, in scope: ScopeName? = nil,
        progress: ProgressHandler? = nil
    ) async throws(StoreError) -> VerifyReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.verifier.verify(
                names, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Checks what can be checked without any key. See the synchronous method.
    public func verifyWithoutKeys() async throws(StoreError) -> VerifyReport {
        try await runner.run { _ throws(StoreError) in try self.verifyWithoutKeys() }
    }

    /// Makes a scope. See the synchronous method.
    @discardableResult
    public func createScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, wrapping: KeyWrapping = .direct,
        identity: Identity? = nil
    ) async throws(StoreError) -> ScopeInfo {
        try await runner.run { _ throws(StoreError) in
            try self.createScope(name, key: key, wrapping: wrapping, identity: identity)
        }
    }

    /// Removes a scope with all that is in it. See the synchronous method.
    @discardableResult
    public func removeScope(
        _ name: ScopeName, waiting deadline: Deadline = .seconds(5)
    ) async throws(StoreError) -> ScopeRemoval {
        try await runner.run { _ throws(StoreError) in
            try self.removeScope(name, waiting: deadline)
        }
    }

    /// Every scope. See the synchronous method.
    public func scopes() async throws(StoreError) -> [ScopeInfo] {
        try await runner.run { _ throws(StoreError) in try self.scopes() }
    }

    /// One scope. See the synchronous method.
    public func scope(_ name: ScopeName) async throws(StoreError) -> ScopeInfo {
        try await runner.run { _ throws(StoreError) in try self.scope(name) }
    }

    /// The store at a glance. See the synchronous method.
    public func status() async throws(StoreError) -> StoreStatus {
        try await runner.run { _ throws(StoreError) in try self.status() }
    }

    /// Copies the store to a new directory. See the synchronous method.
    public func backup(
        to path: String, linksBlobs: Bool = false, progress: ProgressHandler? = nil
    ) async throws(StoreError) {
        try await runner.run { cancellation throws(StoreError) in
            try self.backupMaker.backup(
                to: path, linksBlobs: linksBlobs, progress: progress, cancellation: cancellation)
        }
    }

    /// Puts what is below a directory. See the synchronous method.
    public func putTree(
        at path: String, prefix: String, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), tree: TreePutOptions = TreePutOptions(),
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.treePutter.put(
                at: path, prefix: prefix, in: scope, options: options, tree: tree,
                progress: progress,
                cancellation: cancellation)
        }
    }

    /// Gets every object below a prefix. See the synchronous method.
    public func getTree(
        _ prefix: String, into directory: String, in scope: ScopeName = .default,
        options: TreeGetOptions = TreeGetOptions(),
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.treeGetter.get(
                prefix, into: directory, in: scope, options: options, progress: progress,
                cancellation: cancellation)
        }
    }

    /// Removes every object below a prefix. See the synchronous method.
    public func removeTree(
        _ prefix: String, in scope: ScopeName = .default, dryRun: Bool = false,
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.treeRemover.remove(
                prefix, in: scope, dryRun: dryRun, progress: progress, cancellation: cancellation)
        }
    }

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

    /// Brings back what was removed below a prefix. See the synchronous method.
    @discardableResult
    public func restoreTree(
        _ prefix: String, in scope: ScopeName = .default, progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.treeRestorer.restore(
                prefix, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Changes how a scope is encrypted. See the synchronous method.
    @discardableResult
    public func updateScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, rewrapMode: RewrapMode? = nil,
        pollInterval: Duration? = nil, retention: RetentionPolicy? = nil,
        wrapping: KeyWrapping? = nil, identity: Identity? = nil
    ) async throws(StoreError) -> ScopeInfo {
        try await runner.run { _ throws(StoreError) in
            try self.updateScope(
                name, key: key, rewrapMode: rewrapMode, pollInterval: pollInterval,
                retention: retention, wrapping: wrapping, identity: identity)
        }
    }

    /// Wraps data keys that are under older versions anew. See the synchronous method.
    @discardableResult
    public func rewrap(
        _ options: RewrapOptions = RewrapOptions(), in scope: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> RewrapReport {
        try await runner.run { cancellation throws(StoreError) in
            try self.rewrapper.rewrap(
                options, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Disables a key version that nothing needs. See the synchronous method.
    @discardableResult
    public func retireKeyVersion(
        _ key: KeyIdentifier, forgetting forgotten: String? = nil,
        waitingSeconds seconds: Double = 5,
        as identity: Identity
    ) async throws(StoreError) -> AccessChange<KeyDescription> {
        try await runner.run { _ throws(StoreError) in
            try self.retireKeyVersion(
                key, forgetting: forgotten, waitingSeconds: seconds, as: identity)
        }
    }

    /// Pins the present version of an object. See the synchronous method.
    @discardableResult
    public func pin(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) async throws(StoreError) -> PinInfo {
        try await runner.run { _ throws(StoreError) in
            try self.pin(name, in: scope, if: condition)
        }
    }

    /// Ends a pin. See the synchronous method.
    public func unpin(_ id: PinID) async throws(StoreError) {
        try await runner.run { _ throws(StoreError) in try self.unpin(id) }
    }

    /// The pins there are. See the synchronous method.
    public func pins() async throws(StoreError) -> [PinInfo] {
        try await runner.run { _ throws(StoreError) in try self.pins() }
    }

    /// Gets the bytes of a pin. See the synchronous method.
    public func get(
        pinned id: PinID, range: ByteRange = .all
    ) async throws(StoreError) -> [UInt8] {
        try await runner.run { _ throws(StoreError) in try self.get(pinned: id, range: range) }
    }
}
