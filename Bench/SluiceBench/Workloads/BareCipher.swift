internal import BenchKit
internal import Dispatch
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// EVP's AES-256-GCM and nothing else: the same bytes in the same chunks on as many workers, from
/// shared memory into a buffer of each worker's own.
final class BareCipher: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let direction: ChunkDirection
    private let byteCount: Int
    private let seed: UInt64
    private let prepared = Mutex<Prepared?>(nil)

    private static let chunkByteCount = DataPlaneProbe.chunkByteCount
    private static let tagByteCount = AES256GCM.tagByteCount

    private struct Prepared: Sendable {
        /// Plaintext to seal, or sealed chunks to open.
        let source: [UInt8]
        let workers: [Worker]
    }

    /// One worker's context and buffer; its lock is never contended.
    private final class Worker: Sendable {
        struct State: ~Copyable, Sendable {
            var cipher: AES256GCM
            var buffer: WorkBuffer
        }

        let state: Mutex<State>

        init(_ library: CryptoLibrary, key: [UInt8]) throws {
            var cipher = try AES256GCM(library)
            try cipher.setKey(key.span)
            state = Mutex(
                State(
                    cipher: cipher,
                    buffer: try WorkBuffer(
                        byteCount: BareCipher.chunkByteCount + BareCipher.tagByteCount)))
        }
    }

    init(_ direction: ChunkDirection, byteCount: Int, seed: UInt64, name: String? = nil) {
        self.direction = direction
        self.byteCount = byteCount
        self.seed = seed
        self.name = name ?? "EVP AES-256-GCM × \(Processor.count)"
        summary = "The same bytes in the same chunks through the bare cipher, on as many threads."
    }

    func setUp() throws {
        precondition(byteCount % Self.chunkByteCount == 0, "whole chunks")
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = DataPattern.random.bytes(count: AES256GCM.keyByteCount, seed: ~seed)
        let workers = try (0..<Processor.count).map { _ in try Worker(library, key: key) }
        let plain = DataPattern.random.bytes(count: byteCount, seed: seed)
        let source = direction == .seal ? plain : try Self.sealed(plain, by: workers[0])
        prepared.withLock { $0 = Prepared(source: source, workers: workers) }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        guard let prepared = prepared.withLock({ $0 }) else { throw BenchError.notSetUp }
        return { [direction, byteCount] in
            let next = Atomic<Int>(0)
            let failure = Mutex<CryptoError?>(nil)
            DispatchQueue.concurrentPerform(iterations: prepared.workers.count) { index in
                do throws(CryptoError) {
                    try prepared.workers[index].state.withLock { state throws(CryptoError) in
                        try Self.run(direction, prepared.source, next, &state)
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
            if let failure = failure.withLock({ $0 }) { throw failure }
            return byteCount
        }
    }

    func tearDown() {
        prepared.withLock { $0 = nil }
    }

    // MARK: Chunks

    /// Takes chunk after chunk until there is none.
    private static func run(
        _ direction: ChunkDirection, _ source: [UInt8], _ next: borrowing Atomic<Int>,
        _ state: inout Worker.State
    ) throws(CryptoError) {
        let inputByteCount = direction == .seal ? chunkByteCount : chunkByteCount + tagByteCount
        let outputByteCount = direction == .seal ? chunkByteCount + tagByteCount : chunkByteCount
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            let offset = index * inputByteCount
            guard offset < source.count else { return }
            let input = source.span.extracting(offset..<offset + inputByteCount)
            try state.buffer.withMutableBytes(0..<outputByteCount) { output throws(CryptoError) in
                switch direction {
                case .seal:
                    try state.cipher.seal(
                        input, nonce: nonce(index), authenticating: Span(), into: &output)
                case .open:
                    try state.cipher.open(
                        input, nonce: nonce(index), authenticating: Span(), into: &output)
                }
            }
        }
    }

    private static func sealed(_ plain: [UInt8], by worker: Worker) throws -> [UInt8] {
        let sealedByteCount = chunkByteCount + tagByteCount
        let chunkCount = plain.count / chunkByteCount
        return try worker.state.withLock { state throws(CryptoError) in
            try [UInt8](filling: chunkCount * sealedByteCount) { output throws(CryptoError) in
                for index in 0..<chunkCount {
                    let offset = index * chunkByteCount
                    let input = plain.span.extracting(offset..<offset + chunkByteCount)
                    let start = index * sealedByteCount
                    try output.withPart(start..<start + sealedByteCount) {
                        part throws(CryptoError) in
                        try state.cipher.seal(
                            input, nonce: nonce(index), authenticating: Span(), into: &part)
                    }
                }
            }
        }
    }

    private static func nonce(_ index: Int) -> Nonce96 {
        var nonce = Nonce96(repeating: 0)
        for place in 0..<8 { nonce[place] = UInt8(truncatingIfNeeded: index >> (8 * place)) }
        return nonce
    }
}
