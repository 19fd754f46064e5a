internal import Dispatch
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
        let place = bytes.count <= Self.inlineByteCountLimit ? Place.lanes : .queue
        return try await run(on: place) { cancellation throws(StoreError) in
            try self.put(bytes, plan, in: scope, cancellation: cancellation)
        }
    }

    /// Puts a file's content as an object. See the synchronous method.
    @discardableResult
    public func put(
        fileAt path: String, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        let plan = try PutPlan(name, options)
        return try await run { cancellation throws(StoreError) in
            try self.put(
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
        return try await run { cancellation throws(StoreError) in
            try self.put(
                from: source, plan, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Gets an object's bytes, or a range of them. See the synchronous method.
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default
    ) async throws(StoreError) -> [UInt8] {
        try await run { cancellation throws(StoreError) in
            try self.get(name, range: range, in: scope, cancellation: cancellation)
        }
    }

    /// Gets an object to a file. See the synchronous method.
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        toFileAt path: String, progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        try await run { cancellation throws(StoreError) in
            try self.get(
                name, range: range, in: scope, toFileAt: path, progress: progress,
                cancellation: cancellation)
        }
    }

    /// Gets an object's bytes in order. See the synchronous method.
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        to sink: any ByteSink, progress: ProgressHandler? = nil
    ) async throws(StoreError) -> ObjectInfo {
        try await run { cancellation throws(StoreError) in
            try self.get(
                name, range: range, in: scope, to: sink, progress: progress,
                cancellation: cancellation)
        }
    }

    /// What is known of an object. See the synchronous method.
    public func info(
        _ name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) -> ObjectInfo {
        try await run { _ throws(StoreError) in try self.info(name, in: scope) }
    }

    /// Lists objects and directories. See the synchronous method.
    public func list(
        _ options: ListOptions = ListOptions(), in scope: ScopeName = .default
    ) async throws(StoreError) -> ListPage {
        try await run { _ throws(StoreError) in try self.list(options, in: scope) }
    }

    /// Removes an object. See the synchronous method.
    public func remove(
        _ name: ObjectName, in scope: ScopeName = .default
    ) async throws(StoreError) {
        try await run(on: .lanes) { _ throws(StoreError) in try self.remove(name, in: scope) }
    }

    /// Gives an object another name. See the synchronous method.
    @discardableResult
    public func rename(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        condition: PutCondition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await run(on: .lanes) { _ throws(StoreError) in
            try self.rename(name, to: new, in: scope, condition: condition)
        }
    }

    /// Copies an object, sealed anew. See the synchronous method.
    @discardableResult
    public func copy(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        condition: PutCondition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await run { cancellation throws(StoreError) in
            try self.copy(
                name, to: new, in: scope, condition: condition, cancellation: cancellation)
        }
    }

    /// Reads and authenticates objects. See the synchronous method.
    public func verify(
        _ names: [ObjectName]? = nil, in scope: ScopeName? = nil,
        progress: ProgressHandler? = nil
    ) async throws(StoreError) -> VerifyReport {
        try await run { cancellation throws(StoreError) in
            try self.verify(names, in: scope, progress: progress, cancellation: cancellation)
        }
    }

    /// Checks what can be checked without any key. See the synchronous method.
    public func verifyWithoutKeys() async throws(StoreError) -> VerifyReport {
        try await run { _ throws(StoreError) in try self.verifyWithoutKeys() }
    }

    /// Makes a scope. See the synchronous method.
    @discardableResult
    public func createScope(
        _ name: ScopeName, key: KeyIdentifier? = nil
    ) async throws(StoreError) -> ScopeInfo {
        try await run { _ throws(StoreError) in try self.createScope(name, key: key) }
    }

    /// Every scope. See the synchronous method.
    public func scopes() async throws(StoreError) -> [ScopeInfo] {
        try await run { _ throws(StoreError) in try self.scopes() }
    }

    /// One scope. See the synchronous method.
    public func scope(_ name: ScopeName) async throws(StoreError) -> ScopeInfo {
        try await run { _ throws(StoreError) in try self.scope(name) }
    }

    /// The store at a glance. See the synchronous method.
    public func status() async throws(StoreError) -> StoreStatus {
        try await run { _ throws(StoreError) in try self.status() }
    }

    /// Copies the store to a new directory. See the synchronous method.
    public func backup(
        to path: String, linksBlobs: Bool = false, progress: ProgressHandler? = nil
    ) async throws(StoreError) {
        try await run { cancellation throws(StoreError) in
            try self.backup(
                to: path, linksBlobs: linksBlobs, progress: progress, cancellation: cancellation)
        }
    }

    /// Puts every regular file below a directory. See the synchronous method.
    public func putTree(
        at path: String, prefix: String, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await run { cancellation throws(StoreError) in
            try self.putTree(
                at: path, prefix: prefix, in: scope, options: options, progress: progress,
                cancellation: cancellation)
        }
    }

    /// Gets every object below a prefix. See the synchronous method.
    public func getTree(
        _ prefix: String, into directory: String, in scope: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await run { cancellation throws(StoreError) in
            try self.getTree(
                prefix, into: directory, in: scope, progress: progress,
                cancellation: cancellation)
        }
    }

    /// Removes every object below a prefix. See the synchronous method.
    public func removeTree(
        _ prefix: String, in scope: ScopeName = .default, dryRun: Bool = false,
        progress: TreeProgressHandler? = nil
    ) async throws(StoreError) -> TreeReport {
        try await run { cancellation throws(StoreError) in
            try self.removeTree(
                prefix, in: scope, dryRun: dryRun, progress: progress, cancellation: cancellation)
        }
    }

    // MARK: Hopping

    /// Where an operation runs.
    enum Place {
        /// On the store's queue, which has a thread for each processor.
        case queue
        /// Among those that do little but wait for a commit.
        case lanes
    }

    /// Runs `body` off the task's thread; cancelling the task cancels the operation.
    func run<Value: Sendable>(
        on place: Place = .queue,
        _ body: @escaping @Sendable (Cancellation) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let cancellation = beginOperation()
        let result: Result<Value, StoreError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let operation: @Sendable () -> Void = {
                    continuation.resume(returning: Self.outcome(cancellation, body))
                }
                switch place {
                case .queue: queue.async(execute: operation)
                case .lanes: commitLanes.run(operation)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private static func outcome<Value>(
        _ cancellation: Cancellation, _ body: (Cancellation) throws(StoreError) -> Value
    ) -> Result<Value, StoreError> {
        do throws(StoreError) {
            try cancellation.check()
            return .success(try body(cancellation))
        } catch {
            return .failure(error)
        }
    }
}
