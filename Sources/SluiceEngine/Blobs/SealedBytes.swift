internal import SluiceNative

/// The sealed bytes of an object, wherever they are. Thread-safe.
protocol SealedBytes: Sendable {
    /// How many there are, as far as that is known without asking a backend; else how many there should be.
    var byteCount: Int { get }
    /// Reads bytes at `offset` until `bytes` is full or they end; returns how many.
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int
    /// Lends `byteCount` bytes at `offset`, or as many as there are, to `body`: in `buffer`, or
    /// wherever they lie.
    func withBytes(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ body: (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError)
}

/// The sealed bytes of a small object, as the catalog holds them.
struct InlineBlob: SealedBytes {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func withBytes(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ body: (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        let start = min(offset, bytes.count)
        try body(bytes.span.extracting(start..<min(start + byteCount, bytes.count)))
    }

    func read(into output: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int {
        // A row that was altered may place its chunks past the end.
        guard offset < bytes.count else { return 0 }
        let count = min(output.count, bytes.count - offset)
        output.copyPrefix(of: bytes.span.extracting(offset..<offset + count))
        return count
    }
}

/// The sealed bytes of a large object, in a backend.
final class StoredBlob: SealedBytes {
    private let blob: any BlobReading
    private let lender: (any LendingBlob)?

    init(_ blob: any BlobReading) {
        self.blob = blob
        lender = blob as? any LendingBlob
    }

    var byteCount: Int { blob.byteCount }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int {
        do throws(BlobError) {
            return try blob.read(into: &bytes, at: offset)
        } catch {
            throw StoreError(reading: error)
        }
    }

    func withBytes(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ body: (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        if let lender, try lender.lend(at: offset, byteCount: byteCount, body) { return }
        let count = try buffer.withMutableBytes(0..<byteCount) { bytes throws(StoreError) in
            try read(into: &bytes, at: offset)
        }
        try buffer.withBytes(0..<count, body)
    }
}
