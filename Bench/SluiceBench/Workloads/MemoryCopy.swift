internal import BenchKit
internal import Dispatch
internal import SluiceNative
internal import Synchronization

/// Copies bytes in memory on every processor, part by part: what bounds everything that touches them.
final class MemoryCopy: Workload {
    let name = "memcpy × \(Processor.count)"
    let summary = "The same bytes copied in parts of 256 KiB, on every processor."
    let unit = WorkUnit.bytes
    private let byteCount: Int
    private let source = Mutex<[UInt8]>([])
    private static let partByteCount = 262_144

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    func setUp() {
        let bytes = DataPattern.random.bytes(count: byteCount, seed: 1)
        source.withLock { $0 = bytes }
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        let source = source.withLock { $0 }
        return { [byteCount] in
            let next = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: Processor.count) { _ in
                var target = [UInt8](repeating: 0, count: Self.partByteCount)
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    let offset = index * Self.partByteCount
                    guard offset < source.count else { return }
                    let end = min(offset + Self.partByteCount, source.count)
                    var span = target.mutableSpan
                    span.copyPrefix(of: source.span.extracting(offset..<end))
                }
            }
            return byteCount
        }
    }

    func tearDown() {
        source.withLock { $0 = [] }
    }
}
