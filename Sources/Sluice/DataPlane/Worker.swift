internal import SluiceFormat
internal import SluiceNative

/// What one worker needs to carry a chunk through every stage: a cipher context, a compressor and
/// buffers, made once and used for every object. No allocation per chunk.
struct Worker: ~Copyable, Sendable {
    var cipher: AES256GCM
    var compressor = LZ4Compressor()
    /// What is read: plaintext to seal, or sealed bytes to open.
    var input = WorkBuffer(byteCount: 0)
    /// What is written: sealed bytes, or opened plaintext.
    var output = WorkBuffer(byteCount: 0)
    /// The LZ4 block between the two.
    var block = WorkBuffer(byteCount: 0)
    /// A whole chunk of which only a part is wanted; made when there is one.
    var whole = WorkBuffer(byteCount: 0)

    init(_ library: CryptoLibrary) throws(StoreError) {
        do throws(CryptoError) {
            cipher = try AES256GCM(library)
        } catch {
            throw StoreError(crypto: error, "preparing AES-256-GCM")
        }
    }

    /// Makes the buffers fit for chunks of this size; gives back what a much larger size needed.
    mutating func prepare(for chunkSize: ChunkSize) {
        let needed = chunkSize.byteCount + Format.tagByteCount
        guard input.byteCount < needed || input.byteCount > 4 * needed else { return }
        input = WorkBuffer(byteCount: needed)
        output = WorkBuffer(byteCount: needed)
        block = WorkBuffer(byteCount: needed)
        whole = WorkBuffer(byteCount: 0)
    }

    /// Makes the buffer of a whole chunk fit, too.
    mutating func prepareWhole(for chunkSize: ChunkSize) {
        guard whole.byteCount < chunkSize.byteCount else { return }
        whole = WorkBuffer(byteCount: chunkSize.byteCount)
    }
}

/// A store's workers. Thread-safe.
final class Workers: Sendable {
    /// How many work on one object.
    let count: Int
    private let pool: ResourcePool<Worker>

    init(count: Int, library: CryptoLibrary) {
        self.count = count
        // Callers that each carry one small object find a worker here, too.
        pool = ResourcePool(idleLimit: max(count, 16)) { () throws(StoreError) in
            try Worker(library)
        }
    }

    /// Lends one worker, its cipher unkeyed afterwards.
    func withWorker<Value: Sendable>(
        _ body: (inout Worker) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try pool.withElement { worker throws(StoreError) in
            defer { worker.cipher.forgetKey() }
            return try body(&worker)
        }
    }

    /// Lets go of idle workers and their buffers.
    func drain() {
        pool.drain()
    }
}
