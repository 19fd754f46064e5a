import Sluice
import Synchronization
import Testing

/// A backend that a program writes that imports `Sluice` alone; ``BlobConformanceTests`` has it keep its promises.
final class Shelf: BlobBackend {
    let properties = BlobBackendProperties(requestsInFlight: 1, locksShowWriters: false)
    private let contents = Mutex(Contents())

    private struct Contents {
        var blobs: [[UInt8]: [UInt8]] = [:]
        /// The drafts that may be committed, by their blobs' ids.
        var drafts: [[UInt8]: ObjectIdentifier] = [:]
    }

    var count: Int { contents.withLock { $0.blobs.count } }

    func begin(_ objectID: [UInt8], plan: BlobPlan) throws(BlobError) -> any BlobWriting {
        let draft = Draft(shelf: self, objectID: objectID)
        contents.withLock { $0.drafts[objectID] = ObjectIdentifier(draft) }
        return draft
    }

    func open(_ objectID: [UInt8], byteCount: Int) throws(BlobError) -> (any BlobReading)? {
        contents.withLock { $0.blobs[objectID] }.map(Book.init)
    }

    func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        contents.withLock { contents in
            for id in objectIDs { (contents.blobs[id], contents.drafts[id]) = (nil, nil) }
        }
    }

    func list(after cursor: BlobCursor?, limit: Int) throws(BlobError) -> BlobPage {
        // A cursor is the id behind which it goes on.
        let place = cursor.map { $0.text.split(separator: " ").compactMap { UInt8($0) } } ?? []
        let rest = contents.withLock { $0.blobs }
            .filter { cursor == nil || place.lexicographicallyPrecedes($0.key) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let entries = rest.prefix(limit).map {
            BlobEntry(objectID: $0.key, byteCount: $0.value.count)
        }
        let next = entries.count < rest.count ? entries.last : nil
        return BlobPage(
            entries: entries,
            next: next.map {
                BlobCursor($0.objectID.map(\.description).joined(separator: " "))
            })
    }

    func recover(
        _ findGarbage: ([[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {}

    /// Puts a draft's blob on the shelf, or takes it off again.
    private func set(_ bytes: [UInt8]?, of draft: Draft) throws(BlobError) {
        try contents.withLock { contents throws(BlobError) in
            guard contents.drafts[draft.objectID] == ObjectIdentifier(draft) else {
                throw BlobError(.missing, "the blob was deleted before it was whole")
            }
            contents.blobs[draft.objectID] = bytes
        }
    }

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
            try shelf.set(whole, of: self)
        }

        func finish() {}
        func abort() { try? shelf.set(nil, of: self) }
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
        #expect(shelf.count == 1)
        let again = try Store.open(home.location, blobs: shelf, options: .fast())
        #expect(try again.get("o") == bytes)
        try again.remove("o")
        try again.close()
    }
}
