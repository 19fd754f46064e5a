internal import BenchKit
internal import Dispatch
internal import SluiceNative
internal import Synchronization

/// LZ4 and nothing else: text compressed chunk by chunk on every processor.
final class BareCompression: Workload {
    let name = "ceiling-lz4-text"
    let summary: String
    let unit = WorkUnit.bytes
    private let byteCount: Int
    private let source = Mutex<[UInt8]>([])
    private static let chunkByteCount = 262_144

    init(byteCount: Int) {
        self.byteCount = byteCount
        summary = """
            Compress \(Figures.size(byteCount)) of text with LZ4 in chunks of 256 KiB, on every \
            processor.
            """
    }

    func setUp() {
        let bytes = DataPattern.text.bytes(count: byteCount, seed: 2)
        source.withLock { $0 = bytes }
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        let source = source.withLock { $0 }
        return { [byteCount] in
            let next = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: Processor.count) { _ in
                var compressor = LZ4Compressor()
                var target = [UInt8](repeating: 0, count: Self.chunkByteCount)
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    let offset = index * Self.chunkByteCount
                    guard offset < source.count else { return }
                    let end = min(offset + Self.chunkByteCount, source.count)
                    var span = target.mutableSpan
                    _ = compressor.compress(
                        source.span.extracting(offset..<end), into: &span)
                }
            }
            return byteCount
        }
    }

    func tearDown() {
        source.withLock { $0 = [] }
    }
}
