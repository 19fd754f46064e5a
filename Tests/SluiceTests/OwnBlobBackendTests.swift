import Sluice
import Synchronization
import Testing

/// A backend that a program writes that imports `Sluice` alone.
private final class Shelf: BlobBackend {
    let properties = BlobBackendProperties(requestsInFlight: 1, locksShowWriters: false)
    let blobs = Mutex<[[UInt8]: [UInt8]]>([:])

    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting {
        Draft(shelf: self, objectID: objectID)
    }

    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)? {
        blobs.withLock { $0[objectID] }.map(Book.init)
    }

    func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        blobs.withLock { blobs in for id in objectIDs { blobs[id] = nil } }
    }

    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage {
        let all = blobs.withLock { $0.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
        return BlobPage(
            entries: all.map { BlobEntry(objectID: $0.key, byteCount: $0.value.count) }, next: nil)
    }

    func recover(
        _ findGarbage: ([[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {}

    private final class Draft: BlobWriting {
        let shelf: Shelf
        let objectID: [UInt8]
        let bytes = Mutex<[UInt8]>([])

        init(shelf: Shelf, objectID: [UInt8]) {
            self.shelf = shelf
            self.objectID = objectID
        }

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            self.bytes.withLock { all in
                let end = offset + bytes.count
                if all.count < end { all += [UInt8](repeating: 0, count: end - all.count) }
                for index in bytes.indices { all[offset + index] = bytes[index] }
            }
        }

        func commit(byteCount: Int) throws(BlobError) {
            let whole = bytes.withLock { $0 }
            guard whole.count == byteCount else { throw BlobError(.failed, "something is missing") }
            shelf.blobs.withLock { $0[objectID] = whole }
        }

        func finish() {}
        func abort() { shelf.blobs.withLock { $0[objectID] = nil } }
    }

    private struct Book: BlobReading {
        let bytes: [UInt8]
        var byteCount: Int { bytes.count }

        func read(into output: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
            guard offset < bytes.count else { return 0 }
            let count = min(output.count, bytes.count - offset)
            for index in 0..<count { output[index] = bytes[offset + index] }
            return count
        }
    }
}

@Suite struct OwnBlobBackendTests {
    @Test func `a program brings its own backend`() throws {
        let home = try TestHome()
        let shelf = Shelf()
        let bytes = textBytes(200_000)
        let store = try Store.open(home.location, blobs: shelf, options: .fast())
        try store.put(bytes, as: "o", options: .with())
        #expect(try store.get("o") == bytes)
        try store.close()
        #expect(shelf.blobs.withLock { $0.count } == 1)
        let again = try Store.open(home.location, blobs: shelf, options: .fast())
        #expect(try again.get("o") == bytes)
        try again.remove("o")
        try again.close()
    }
}
