internal import SluiceFormat
internal import SluiceNative

/// What one worker needs to carry a chunk through every stage: a cipher context, a compressor and
/// buffers, made once and used for every object. No allocation per chunk.
struct Worker: ~Copyable, Sendable {
    var cipher: AES256GCM
    var compressor = LZ4Compressor()
    /// What is read: plaintext to seal, or sealed bytes to open.
    var input: WorkBuffer
    /// What is written: sealed bytes, or opened plaintext.
    var output: WorkBuffer
    /// The LZ4 block between the two.
    var block: WorkBuffer
    /// A whole chunk of which only a part is wanted; made when there is one.
    var whole: WorkBuffer

    init(_ library: CryptoLibrary) throws(StoreError) {
        let cipher = try translated("preparing AES-256-GCM") { () throws(CryptoError) in
            try AES256GCM(library)
        }
        let input = try Self.buffer(0)
        let output = try Self.buffer(0)
        let block = try Self.buffer(0)
        let whole = try Self.buffer(0)
        self.cipher = cipher
        self.input = input
        self.output = output
        self.block = block
        self.whole = whole
    }

    /// A buffer of so many bytes.
    static func buffer(_ byteCount: Int) throws(StoreError) -> WorkBuffer {
        try translated("get \(byteCount) bytes of memory") { () throws(SystemError) in
            try WorkBuffer(byteCount: byteCount)
        }
    }

    /// Makes the buffers fit for chunks of this size; gives back what a much larger size needed.
    mutating func prepare(for chunkSize: ChunkSize) throws(StoreError) {
        let needed = chunkSize.byteCount + Format.tagByteCount
        guard input.byteCount < needed || input.byteCount > 4 * needed else { return }
        output = try Self.buffer(needed)
        block = try Self.buffer(needed)
        whole = try Self.buffer(0)
        // The last one, for its size says that all of them fit.
        input = try Self.buffer(needed)
    }

    /// Makes the buffer of a whole chunk fit, too.
    mutating func prepareWhole(for chunkSize: ChunkSize) throws(StoreError) {
        guard whole.byteCount < chunkSize.byteCount else { return }
        whole = try Self.buffer(chunkSize.byteCount)
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
