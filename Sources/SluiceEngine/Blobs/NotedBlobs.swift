internal import SluiceNative

/// Notes on the local disk which blobs are being written to a backend whose writers hold no locks, so that what a
/// put leaves that is cut short is found without looking through all blobs.
///
/// A note is a file in `staging/` that its writer holds locked, as with blobs in files, and is durable before the
/// backend hears of the blob. What the backend still does after its writer has died, and after the blob was removed
/// for that, is found by a repair alone. Thread-safe.
final class NotedBlobs: BlobBackend {
    private let base: RetryingBlobs
    private let staging: Staging
    private let isDurable: Bool

    let properties: BlobBackendProperties

    init(_ base: RetryingBlobs, staging: Staging, isDurable: Bool) {
        self.base = base
        self.staging = staging
        self.isDurable = isDurable
        var properties = base.properties
        properties.locksShowWriters = true
        self.properties = properties
    }

    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting {
        let note = try Note(objectID, in: staging, isDurable: isDurable)
        do throws(BlobError) {
            return Writing(
                base: try base.begin(objectID, plan: plan), backend: base.base, objectID: objectID,
                note: note)
        } catch {
            // It may have begun nevertheless.
            note.end(ifRemoved: objectID, from: base.base)
            throw error
        }
    }

    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)? {
        try base.open(objectID, byteCount: byteCount)
    }

    func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry] {
        try base.makeDurable(blobs)
    }

    func delete(_ objectIDs: [[UInt8]]) throws(BlobError) { try base.delete(objectIDs) }

    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage {
        try base.list(after: cursor, limit: limit)
    }

    func copy(
        _ blobs: [BlobEntry], to target: any BlobBackend, isSharing: Bool,
        _ copied: (BlobEntry) throws(BlobError) -> Void
    ) throws(BlobError) {
        try base.copy(blobs, to: target, isSharing: isSharing, copied)
    }

    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {
        try staging.recover(findGarbage) { objectIDs throws(BlobError) in
            if !objectIDs.isEmpty { try base.delete(objectIDs) }
        } isDurable: { _ in
            true
        }
    }

    /// That a blob is being written.
    private struct Note: Sendable {
        private let staging: Staging
        private let name: String
        private let lock: File

        init(_ objectID: [UInt8], in staging: Staging, isDurable: Bool) throws(BlobError) {
            self.staging = staging
            name = StoreLayout.blobName(objectID)
            lock = try calling { [name] () throws(SystemError) in
                let lock = try staging.claim(name)
                if isDurable { try staging.directory.sync() }
                return lock
            }
        }

        /// If it stays, the next opening of the store settles it.
        func end() { try? staging.directory.unlinkIfThere(name) }

        /// Ends if nothing can bring the blob back. That is tried once: whoever's put has failed waits no more.
        func end(ifRemoved objectID: [UInt8], from backend: any BlobBackend) {
            guard (try? backend.delete([objectID])) != nil else { return }
            end()
        }
    }

    private struct Writing: BlobWriting {
        let base: any BlobWriting
        let backend: any BlobBackend
        let objectID: [UInt8]
        let note: Note

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            try base.write(bytes, at: offset)
        }

        func commit(byteCount: Int) throws(BlobError) { try base.commit(byteCount: byteCount) }

        func finish() {
            base.finish()
            note.end()
        }

        func abort() {
            base.abort()
            note.end(ifRemoved: objectID, from: backend)
        }
    }
}
