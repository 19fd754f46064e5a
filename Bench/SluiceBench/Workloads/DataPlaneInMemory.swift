internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Which way chunks go.
enum ChunkDirection: String, Sendable {
    case seal, open
}

/// Seals or opens bytes in memory through the store's data plane; what comes out stays in the
/// workers' buffers.
final class DataPlaneInMemory: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let direction: ChunkDirection
    private let byteCount: Int
    private let seed: UInt64
    private let probe = Mutex<DataPlaneProbe?>(nil)

    init(_ direction: ChunkDirection, byteCount: Int, seed: UInt64) {
        self.direction = direction
        self.byteCount = byteCount
        self.seed = seed
        name = "\(direction.rawValue)-memory"
        summary = """
            \(direction == .seal ? "Seal" : "Open") \(Figures.size(byteCount)) in memory through \
            the data plane, in chunks of \(Figures.size(DataPlaneProbe.chunkByteCount)), on \
            every processor.
            """
    }

    func setUp() throws {
        let bytes = DataPattern.random.bytes(count: byteCount, seed: seed)
        let made = try DataPlaneProbe(bytes: bytes, workerCount: Processor.count)
        probe.withLock { $0 = made }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        guard let probe = probe.withLock({ $0 }) else { throw BenchError.notSetUp }
        return { [direction, byteCount] in
            switch direction {
            case .seal: try probe.seal()
            case .open: try probe.open()
            }
            return byteCount
        }
    }

    func tearDown() {
        probe.withLock { $0 = nil }
    }
}
