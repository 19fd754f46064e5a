internal import SluiceFormat
internal import SluiceNative

/// Where the sealed bytes of large objects are kept: one immutable blob each, named by object id.
///
/// A blob is written in parts, from any thread and in any order, and is there as a whole once
/// `commit` returns, or not at all. Implementations are thread-safe.
protocol BlobBackend: Sendable {
    /// Begins a blob. `expectedByteCount` helps to lay it out, if it is known.
    func begin(
        _ objectID: [UInt8], expectedByteCount: Int?
    ) throws(StoreError) -> any BlobWriting
    /// The blob, or nil if there is none of that id.
    func open(_ objectID: [UInt8]) throws(StoreError) -> (any BlobReading)?
    /// Removes blobs, durably; one that isn't there is no error.
    func delete(_ objectIDs: [[UInt8]]) throws(StoreError)
    /// Settles blobs whose writer died between making the blob and the catalog's commit. Calls `findGarbage`
    /// with some of them at a time; it says which no row can ever name, and those are removed. If it throws,
    /// they stay as they are for the next opening.
    func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(StoreError) -> Set<[UInt8]>
    ) throws(StoreError)
}

/// A blob that is being written.
protocol BlobWriting: Sendable {
    /// Writes a part. Parts do not overlap.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError)
    /// Makes the blob, of `byteCount` bytes, durable and gives it its name. The catalog's commit
    /// comes next.
    func commit(byteCount: Int) throws(StoreError)
    /// After the catalog's commit: the blob is in use.
    func finish()
    /// Gives up: nothing remains. Whether before `commit` or after it.
    func abort()
}

/// A blob that is being read. An open one stays readable when it is removed.
protocol BlobReading: Sendable {
    /// Bytes of the blob.
    var byteCount: Int { get }
    /// Reads bytes at `offset` until `bytes` is full or the blob ends; returns how many.
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(StoreError) -> Int
    /// Lends `byteCount` bytes at `offset`, or as many as there are, to `body`: in `buffer`, or
    /// wherever they lie.
    func withBytes(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ body: (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError)
}

extension BlobReading {
    func withBytes(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ body: (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        let count = try buffer.withMutableBytes(0..<byteCount) { bytes throws(StoreError) in
            try read(into: &bytes, at: offset)
        }
        try buffer.withBytes(0..<count, body)
    }
}

/// The sealed bytes of a small object, as the catalog holds them.
struct InlineBlob: BlobReading {
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
