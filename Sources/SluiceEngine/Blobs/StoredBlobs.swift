internal import SluiceNative

/// A store's blobs as the engine uses them: the backend, whose errors come out as the store's, and which is
/// written in parts where it needs that. Thread-safe.
struct StoredBlobs: Sendable {
    let backend: any BlobBackend
    private let onClose: (@Sendable () -> Void)?

    init(backend: any BlobBackend, close: (@Sendable () -> Void)? = nil) {
        self.backend = backend
        onClose = close
    }

    /// Says that the store is being closed: nobody waits for a backend that is away.
    func close() { onClose?() }

    /// Begins a blob; `expectedByteCount` helps to lay it out, if it is known. One that is durable later is so when
    /// ``makeDurable(_:)`` returns, and outlives the process before.
    func begin(
        _ objectID: [UInt8], expectedByteCount: Int?, isDurableLater: Bool = false
    ) throws(StoreError) -> BlobWriter {
        let properties = backend.properties
        let plan = BlobPlan(
            expectedByteCount: expectedByteCount, for: properties, isDurableLater: isDurableLater)
        let writing = try translated("store a blob") { () throws(BlobError) in
            try backend.begin(objectID, plan: plan)
        }
        guard let parts = plan.parts else { return BlobWriter(writing) }
        let gathering = PartGathering(
            writing, parts: parts, requestsInFlight: properties.requestsInFlight)
        return BlobWriter(gathering, stop: { gathering.stop() })
    }

    /// The blob, or nil if there is none of that id: which may show only when it is read
    /// (``StoreError/isMissingBlob``).
    func open(_ objectID: [UInt8], byteCount: Int) throws(StoreError) -> StoredBlob? {
        do throws(BlobError) {
            return try backend.open(objectID, byteCount: byteCount).map(StoredBlob.init)
        } catch {
            throw StoreError(reading: error)
        }
    }

    /// Makes blobs durable that rows name, durably; gives those that may be other than they were when they were
    /// committed, or are not there.
    func makeDurable(_ blobs: [BlobEntry]) throws(StoreError) -> [BlobEntry] {
        try translated("make a blob durable") { () throws(BlobError) in
            try backend.makeDurable(blobs)
        }
    }

    /// Removes blobs, durably; one that isn't there is no error.
    func delete(_ objectIDs: [[UInt8]]) throws(StoreError) {
        try translated("remove a blob") { () throws(BlobError) in
            try backend.delete(objectIDs)
        }
    }

    /// Settles puts that were cut short: removes those blobs that `findGarbage` says no row can ever name.
    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(StoreError) -> Set<[UInt8]>
    ) throws(StoreError) {
        try translated("settle puts that were cut short") { () throws(BlobError) in
            try backend.recover { objectIDs throws(BlobError) in
                do throws(StoreError) {
                    return try findGarbage(objectIDs)
                } catch {
                    throw BlobError(ending: error)
                }
            }
        }
    }

    // MARK: Looking

    /// How many bytes a blob has, which should be `byteCount`; nil if it isn't there. Reads one of them, for a
    /// backend may have been asked nothing before.
    func byteCount(of objectID: [UInt8], expected byteCount: Int) throws(StoreError) -> Int? {
        guard let blob = try open(objectID, byteCount: byteCount) else { return nil }
        guard blob.byteCount == byteCount, byteCount > 0 else { return blob.byteCount }
        var last: [UInt8] = [0]
        var span = last.mutableSpan
        do throws(StoreError) {
            return try blob.read(into: &span, at: byteCount - 1) == 1 ? byteCount : 0
        } catch {
            guard error.isMissingBlob else { throw error }
            return nil
        }
    }

    /// Whether there is a blob of that id, be it one that can't be read.
    func has(_ objectID: [UInt8]) throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try byteCount(of: objectID, expected: 1) != nil
        } catch {
            guard error.isUnreadableBlob else { throw error }
            return true
        }
    }
}

/// A blob that is being written, whose errors come out as the store's. Thread-safe.
struct BlobWriter: Sendable {
    private let writing: any BlobWriting
    /// Ends the waiting of those who write.
    private let stopWaiting: (@Sendable () -> Void)?

    init(_ writing: any BlobWriting, stop: (@Sendable () -> Void)? = nil) {
        self.writing = writing
        stopWaiting = stop
    }

    /// Writes bytes; those that several threads write don't overlap.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError) {
        try translated("write a blob") { () throws(BlobError) in
            try writing.write(bytes, at: offset)
        }
    }

    /// Says that bytes that others may wait for never come: whoever writes gets an error.
    func stop() { stopWaiting?() }

    /// Makes the blob, of `byteCount` bytes, durable, unless that comes later, and gives it its name. The catalog's
    /// commit comes next.
    func commit(byteCount: Int) throws(StoreError) {
        try translated("store a blob") { () throws(BlobError) in
            try writing.commit(byteCount: byteCount)
        }
    }

    /// After the catalog's commit: the blob is in use.
    func finish() { writing.finish() }

    /// Gives up: nothing remains. Whether before `commit` or after it.
    func abort() { writing.abort() }
}
