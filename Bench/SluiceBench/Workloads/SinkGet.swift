internal import BenchKit
internal import Sluice
internal import Synchronization

/// Gets a larger object to a sink that does nothing with it, on one thread; or only what releasing its
/// chunks takes of that.
final class SinkGet: Workload {
    /// What is done.
    enum Part: String, Sendable {
        /// Chunks are read, opened, and released one by one.
        case chunks
        /// They are neither read nor opened, and nothing is released.
        case releases
    }

    let name: String
    let summary: String
    /// Chunks, or releases.
    let unit = WorkUnit.operations
    private let part: Part
    private let seed: UInt64
    private let store: OpenStore
    /// So many chunks that looking the object up is little beside them.
    private static let chunkCount = 64
    private static let releaseCount = 10_000
    private static let objectName = "object"

    init(_ part: Part, _ conditions: Conditions) {
        self.part = part
        name = "get-to-sink-\(part)"
        let size = Figures.size(DataPlaneProbe.chunkByteCount)
        summary =
            switch part {
            case .chunks:
                """
                Get an object of \(Self.chunkCount) chunks of \(size) under an older key version to a \
                sink that does nothing, on one thread, keys in the cache.
                """
            case .releases:
                "Do what releasing a chunk takes \(Self.releaseCount) times, and release nothing."
            }
        seed = conditions.seed
        store = OpenStore(at: conditions.path(name))
    }

    func setUp() throws {
        let byteCount = Self.chunkCount * DataPlaneProbe.chunkByteCount
        let bytes = DataPattern.random.bytes(count: byteCount, seed: seed)
        let (made, name) = try (store.make(.none, workerCount: 1), ObjectName(Self.objectName))
        try made.put(bytes, as: name)
        // Then a release needs two grants, the most that one can.
        let key = try made.scope(.default).currentKey
        _ = try made.vaults.acting(as: .owner).rotateKey(vault: key.vault, name: key.name)
        try made.get(name, to: ChunkCounter())
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let (store, name) = try (store.get(), ObjectName(Self.objectName))
        return { [part] in
            switch part {
            case .chunks:
                let sink = ChunkCounter()
                try store.get(name, to: sink)
                return sink.count
            case .releases: return try store.releaseNothing(of: name, count: Self.releaseCount)
            }
        }
    }

    func tearDown() throws {
        try store.remove()
    }

    private final class ChunkCounter: ByteSink {
        private let chunks = Atomic(0)
        var count: Int { chunks.load(ordering: .relaxed) }

        func write(_ bytes: Span<UInt8>) { chunks.wrappingAdd(1, ordering: .relaxed) }
    }
}
