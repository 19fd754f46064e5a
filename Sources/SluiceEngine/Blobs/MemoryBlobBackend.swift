internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Blobs in memory, for stores that live no longer than their process.
final class MemoryBlobBackend: BlobBackend {
    private let blobs = Mutex<[[UInt8]: MemoryBlob]>([:])

    func begin(
        _ objectID: [UInt8], expectedByteCount: Int?
    ) throws(StoreError) -> any BlobWriting {
        Writing(backend: self, objectID: objectID)
    }

    func open(_ objectID: [UInt8]) throws(StoreError) -> (any BlobReading)? {
        blobs.withLock { $0[objectID] }
    }

    func delete(_ objectIDs: [[UInt8]]) throws(StoreError) {
        blobs.withLock { blobs in
            for objectID in objectIDs { blobs[objectID] = nil }
        }
    }

    /// There is nothing to recover: a blob in memory dies with its writer.
    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(StoreError) -> Set<[UInt8]>
    ) throws(StoreError) {}

    /// A blob as the parts in which it was written, by offset.
    private struct MemoryBlob: BlobReading {
        var parts: [(offset: Int, bytes: [UInt8])]

        var byteCount: Int { parts.last.map { $0.offset + $0.bytes.count } ?? 0 }

        func read(into output: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int {
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
            var filled = 0
            while filled < output.count, low < parts.count {
                let part = parts[low]
                let start = offset + filled - part.offset
                let count = min(output.count - filled, part.bytes.count - start)
                output.withPart(filled..<filled + count) { rest in
                    rest.copyPrefix(of: part.bytes.span.extracting(start..<start + count))
                }
                filled += count
                low += 1
            }
            return filled
        }
    }

    private final class Writing: BlobWriting {
        private let backend: MemoryBlobBackend
        private let objectID: [UInt8]
        private let parts = Mutex<[(offset: Int, bytes: [UInt8])]>([])

        init(backend: MemoryBlobBackend, objectID: [UInt8]) {
            self.backend = backend
            self.objectID = objectID
        }

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError) {
            let copy = [UInt8](copying: bytes)
            parts.withLock { $0.append((offset, copy)) }
        }

        func commit(byteCount: Int) throws(StoreError) {
            let blob = MemoryBlob(
                parts: parts.withLock { $0.sorted { $0.offset < $1.offset } })
            precondition(blob.byteCount == byteCount, "a blob was written in part")
            backend.blobs.withLock { $0[objectID] = blob }
        }

        func finish() {}

        func abort() {
            parts.withLock { $0 = [] }
            backend.blobs.withLock { $0[objectID] = nil }
        }
    }
}
