internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Blobs in memory, for stores that live no longer than their process.
package final class MemoryBlobBackend: BlobBackend {
    private struct State {
        var blobs: [[UInt8]: MemoryBlob] = [:]
        /// Who may commit a blob: whoever has begun it last.
        var writers: [[UInt8]: Int] = [:]
        var writerCount = 0
    }

    private let state = Mutex(State())

    /// Any bytes anywhere; writers hold no locks.
    package let properties = BlobBackendProperties(locksShowWriters: false)

    /// None yet.
    package init() {}

    package func begin(
        _ objectID: [UInt8], plan: BlobPlan
    ) throws(BlobError) -> any BlobWriting {
        let number = state.withLock { state in
            state.writerCount += 1
            state.writers[objectID] = state.writerCount
            return state.writerCount
        }
        return Writing(backend: self, objectID: objectID, number: number)
    }

    package func open(
        _ objectID: [UInt8], byteCount: Int
    ) throws(BlobError) -> (any BlobReading)? {
        state.withLock { $0.blobs[objectID] }
    }

    package func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        state.withLock { state in
            for objectID in objectIDs {
                state.blobs[objectID] = nil
                state.writers[objectID] = nil
            }
        }
    }

    package func list(
        after cursor: BlobCursor?, limit: Int
    ) throws(BlobError) -> BlobPage {
        let last = cursor?.text ?? ""
        let all = state.withLock { state in
            state.blobs.map { (String(hexadecimal: $0.key), $0.key, $0.value.byteCount) }
        }
        let rest = all.filter { $0.0 > last }.sorted { $0.0 < $1.0 }
        let entries = rest.prefix(limit)
        return BlobPage(
            entries: entries.map { BlobEntry(objectID: $0.1, byteCount: $0.2) },
            next: rest.count > limit ? entries.last.map { BlobCursor($0.0) } : nil)
    }

    /// Nobody can tell which writers are dead.
    package func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {}

    /// A blob as the parts in which it was written, by offset.
    private struct MemoryBlob: LendingBlob {
        var parts: [(offset: Int, bytes: [UInt8])]

        var byteCount: Int { parts.last.map { $0.offset + $0.bytes.count } ?? 0 }

        func read(into output: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
            var index = firstIndex(endingAfter: offset)
            var filled = 0
            while filled < output.count, index < parts.count {
                let part = parts[index]
                let start = offset + filled - part.offset
                let count = min(output.count - filled, part.bytes.count - start)
                output.withPart(filled..<filled + count) { rest in
                    rest.copyPrefix(of: part.bytes.span.extracting(start..<start + count))
                }
                filled += count
                index += 1
            }
            return filled
        }

        /// Chunks lie as they were written, each in one piece.
        func lend<Failure: Error>(
            at offset: Int, byteCount: Int, _ body: (Span<UInt8>) throws(Failure) -> Void
        ) throws(Failure) -> Bool {
            let index = firstIndex(endingAfter: offset)
            guard index < parts.count else { return false }
            let part = parts[index]
            let start = offset - part.offset
            guard byteCount <= part.bytes.count - start else { return false }
            try body(part.bytes.span.extracting(start..<start + byteCount))
            return true
        }

        /// The part that the byte at `offset` is in.
        private func firstIndex(endingAfter offset: Int) -> Int {
            var low = 0
            var high = parts.count
            while low < high {
                let middle = (low + high) / 2
                if parts[middle].offset + parts[middle].bytes.count <= offset {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }

    private final class Writing: BlobWriting {
        private let backend: MemoryBlobBackend
        private let objectID: [UInt8]
        private let number: Int
        private let parts = Mutex<[Int: [UInt8]]>([:])

        init(backend: MemoryBlobBackend, objectID: [UInt8], number: Int) {
            self.backend = backend
            self.objectID = objectID
            self.number = number
        }

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            let copy = [UInt8](copying: bytes)
            parts.withLock { $0[offset] = copy }
        }

        func commit(byteCount: Int) throws(BlobError) {
            let blob = MemoryBlob(
                parts: parts.withLock { parts in
                    parts.map { (offset: $0.key, bytes: $0.value) }.sorted { $0.offset < $1.offset }
                })
            precondition(blob.byteCount == byteCount, "a blob was written in part")
            let isWriter = backend.state.withLock { state in
                guard state.writers[objectID] == number else { return false }
                state.writers[objectID] = nil
                state.blobs[objectID] = blob
                return true
            }
            guard isWriter else {
                throw BlobError(.missing, "it was removed while it was written")
            }
        }

        func finish() {}

        func abort() {
            parts.withLock { $0 = [:] }
            backend.state.withLock { state in
                state.blobs[objectID] = nil
                state.writers[objectID] = nil
            }
        }
    }
}
