internal import SluiceAccess
internal import SluiceNative

/// The upload of an object in parts, which are put in any order, several at once, by whoever has such a handle.
///
/// A part that was put survives the end of the process, however that ends; it is committed, be it by another process,
/// or gone a week later. A commit makes durable what it names: what a failure of the machine has taken before, it says.
/// Parts take keys and space like objects, and are seen by nobody who doesn't ask for ``parts()``. Thread-safe.
public struct Upload: Sendable {
    /// The name that the object is to have.
    public let name: ObjectName
    /// The scope that it is to be in.
    public let scope: ScopeName
    let plan: PutPlan
    let uploads: Uploads
    let runner: OperationRunner
    /// What is not to end before this does.
    let owner: any AnyObject & Sendable

    /// Puts a part, in the place of an uncommitted one that has its id; ``StoreError/Code/invalidArgument`` if it is
    /// empty. It survives the end of the process when this returns, and is durable once it is committed.
    @available(*, noasync)
    @discardableResult
    public func put(_ bytes: [UInt8], id: PartID) throws(StoreError) -> PartInfo {
        try put(bytes, id, uploads.context.beginOperation())
    }

    /// Puts a part. See the synchronous method.
    @discardableResult
    public func put(_ bytes: [UInt8], id: PartID) async throws(StoreError) -> PartInfo {
        try await runner.run { cancellation throws(StoreError) in
            try put(bytes, id, cancellation)
        }
    }

    /// Puts a stream as a part. See ``put(_:id:)``.
    @available(*, noasync)
    @discardableResult
    public func put(from source: any ByteSource, id: PartID) throws(StoreError) -> PartInfo {
        try put(from: source, id, uploads.context.beginOperation())
    }

    /// Puts a stream as a part. See ``put(_:id:)``.
    @discardableResult
    public func put(from source: any ByteSource, id: PartID) async throws(StoreError) -> PartInfo {
        try await runner.run { cancellation throws(StoreError) in
            try put(from: source, id, cancellation)
        }
    }

    /// Puts as a part what comes of a sequence, when it comes: no thread of the store's waits for it, and memory is bounded.
    ///
    /// See ``put(_:id:)``. An error of the sequence's is the cause of ``StoreError/Code/inputOutput``; then nothing is put.
    @discardableResult
    public func put<Bytes: AsyncSequence>(
        streaming bytes: Bytes, id: PartID, isolation: isolated (any Actor)? = #isolation
    ) async throws(StoreError) -> PartInfo where Bytes.Element == [UInt8] {
        var put = StreamedPart(uploads, runner, plan, in: scope, id: id)
        do {
            var iterator = bytes.makeAsyncIterator()
            while let part = try await iterator.next(isolation: isolation) {
                try await put.add(part)
            }
            return try await put.finish()
        } catch {
            await put.abandon(after: error)
            throw error as? StoreError
                ?? StoreError(.inputOutput, "the source failed: \(error)", cause: error)
        }
    }

    private func put(
        _ bytes: [UInt8], _ id: PartID, _ cancellation: Cancellation
    ) throws(StoreError) -> PartInfo {
        try uploads.put(id, plan, in: scope) { writer, purpose throws(StoreError) in
            try writer.seal(bytes, for: purpose, plan, cancellation)
        }
    }

    private func put(
        from source: any ByteSource, _ id: PartID, _ cancellation: Cancellation
    ) throws(StoreError) -> PartInfo {
        try uploads.put(id, plan, in: scope) { writer, purpose throws(StoreError) in
            try writer.seal(source, for: purpose, plan, cancellation)
        }
    }

    /// The parts that aren't committed, in the order in which they were put.
    @available(*, noasync)
    public func parts() throws(StoreError) -> [PartInfo] {
        try uploads.parts(of: name, in: scope)
    }

    /// The parts that aren't committed, in the order in which they were put.
    public func parts() async throws(StoreError) -> [PartInfo] {
        try await runner.run { _ throws(StoreError) in try uploads.parts(of: name, in: scope) }
    }

    /// Makes the object of these parts, in this order, and ends the upload: parts that aren't named are gone.
    ///
    /// A part that was committed before, in the object that has the name now, may be named again, and is not sealed
    /// again; one id may be named several times. Nothing is changed if one isn't there: ``StoreError/Code/notFound``.
    @available(*, noasync)
    @discardableResult
    public func commit(_ parts: [PartChoice]) throws(StoreError) -> ObjectInfo {
        try uploads.commit(parts, plan, in: scope, uploads.context.beginOperation())
    }

    /// Makes the object of these parts. See the synchronous method.
    @discardableResult
    public func commit(_ parts: [PartChoice]) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try uploads.commit(parts, plan, in: scope, cancellation)
        }
    }

    /// Ends the upload: its uncommitted parts are gone. An object that has the name stays.
    @available(*, noasync)
    public func abort() throws(StoreError) { try uploads.abort(name, in: scope) }

    /// Ends the upload. See the synchronous method.
    public func abort() async throws(StoreError) {
        try await runner.run { _ throws(StoreError) in _ = try uploads.abort(name, in: scope) }
    }
}
