internal import SluiceFormat
internal import SluiceNative

/// The data plane alone, on bytes in memory: for benchmarks, which hold it against the bare cipher.
///
/// What it runs is what a put and a get of a large object run, with a source and a target that cost
/// nothing. One call at a time.
package struct DataPlaneProbe: Sendable {
    private let bytes: [UInt8]
    private let sealed: [UInt8]
    private let sealedKeys: ObjectKeys
    private let scopeKeys: ScopeKeys
    private let layout: ChunkLayout
    private let workers: Workers
    private let library: CryptoLibrary

    /// The size of the chunks: that of a put which doesn't name one.
    package static var chunkByteCount: Int { ChunkSize.standard.byteCount }

    /// Seals `bytes` once, for `open()`.
    package init(bytes: [UInt8], workerCount: Int) throws(StoreError) {
        guard let layout = ChunkLayout(byteCount: bytes.count, chunkSize: .standard) else {
            throw StoreError(.invalidArgument, "there are too many bytes for an object")
        }
        let library = try translated("loading OpenSSL") { () throws(CryptoError) in
            try CryptoLibrary.load(requireFIPS: false)
        }
        let scopeKey = try library.freshKey()
        let identifiers = (try library.identifier(), try library.identifier())
        scopeKeys = try translated("deriving a scope's keys") { () throws(CryptoError) in
            try ScopeKeys(
                scopeKey: scopeKey, storeID: identifiers.0, scopeID: identifiers.1,
                library: library)
        }
        let keys = try Self.freshKeys(scopeKeys, library)
        let workers = Workers(count: workerCount, library: library)
        sealed = try [UInt8](fillingParts: layout.rawStoredByteCount) { parts throws(StoreError) in
            try Self.seal(
                bytes, layout, keys, into: MemoryTarget(parts: parts), workers, library)
        }
        sealedKeys = keys
        self.bytes = bytes
        self.layout = layout
        self.workers = workers
        self.library = library
    }

    /// Seals the bytes under fresh keys, and drops the result.
    package func seal() throws(StoreError) {
        try Self.seal(
            bytes, layout, Self.freshKeys(scopeKeys, library), into: VoidBlob(), workers, library)
    }

    /// Opens what was sealed, and drops the result.
    package func open() throws(StoreError) {
        let opening = Opening(
            keys: sealedKeys, layout: layout, blob: InlineBlob(bytes: sealed), table: nil,
            workers: workers, progress: nil, standing: nil)
        try opening.run(0..<layout.byteCount, to: VoidTarget(), halt: Halt(Cancellation()))
    }

    // MARK: Inside

    private static func freshKeys(
        _ scopeKeys: ScopeKeys, _ library: CryptoLibrary
    ) throws(StoreError) -> ObjectKeys {
        let dataKey = try library.freshKey()
        let objectID = try library.identifier()
        return try translated("deriving an object's keys") { () throws(CryptoError) in
            try ObjectKeys(
                dataKey: dataKey, scope: scopeKeys, provided: nil, objectID: objectID,
                chunkSize: .standard,
                codec: .raw, library: library)
        }
    }

    private static func seal(
        _ bytes: [UInt8], _ layout: ChunkLayout, _ keys: ObjectKeys, into blob: some BlobWriting,
        _ workers: Workers, _ library: CryptoLibrary
    ) throws(StoreError) {
        let sealing = Sealing(
            keys: keys, chunkSize: layout.chunkSize, codec: .raw, workers: workers,
            library: library, progress: nil)
        _ = try sealing.run(
            BytesSource(bytes, layout: layout), into: BlobWriter(blob), halt: Halt(Cancellation()))
    }

    /// An array that the workers fill.
    private struct MemoryTarget: BlobWriting {
        let parts: DisjointBytes

        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
            parts.withPart(at: offset, byteCount: bytes.count) { $0.copyPrefix(of: bytes) }
        }

        func commit(byteCount: Int) throws(BlobError) {}
        func finish() {}
        func abort() {}
    }

    /// Nowhere: what was sealed stays in the worker's buffer.
    private struct VoidBlob: BlobWriting {
        func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {}
        func commit(byteCount: Int) throws(BlobError) {}
        func finish() {}
        func abort() {}
    }
}
