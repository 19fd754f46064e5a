internal import BenchKit
internal import Sluice
internal import Synchronization

/// Puts an object from memory, durably: in parts, each by a caller of its own, or as a whole.
final class PartsPut: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let partCount: Int
    private let isWhole: Bool
    private let seed: UInt64
    private let store: OpenStore
    private let doneCount = Atomic<Int>(0)
    private static let objectName = "object"
    private static let partByteCount = 4 << 20

    /// An object of so many parts; put as a whole, if it is to be.
    init(partCount: Int, isWhole: Bool, _ conditions: Conditions) {
        self.partCount = partCount
        self.isWhole = isWhole
        seed = conditions.seed
        let size = Figures.size(Self.partByteCount)
        name =
            isWhole ? "the same bytes in one put" : "upload-\(partCount)-parts-of-\(size)-durable"
        summary =
            isWhole
            ? "Put \(partCount) times \(size) of random bytes from memory as one object, durably."
            : "Put \(partCount) parts of \(size) of random bytes, each by a caller, and commit them, durably."
        store = OpenStore(at: conditions.path("upload-\(isWhole ? "whole" : "parts")"))
    }

    func prepareRun() throws {
        doneCount.store(0, ordering: .relaxed)
        // The first put makes the scope, which takes key operations.
        try store.make(.full).put([], as: "first")
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let (store, name) = try (store.get(), ObjectName(Self.objectName))
        let options = PutOptions(compression: .none)
        guard !isWhole else {
            let bytes = DataPattern.random.bytes(
                count: partCount * Self.partByteCount, seed: seed)
            return { try store.put(bytes, as: name, options: options).byteCount }
        }
        let upload = try store.beginUpload(name, options: options)
        let bytes = DataPattern.random.bytes(
            count: Self.partByteCount, seed: seed &+ UInt64(caller.index))
        let ids = try (0..<partCount).map { try PartID("\($0)") }
        return { [self] in
            try upload.put(bytes, id: ids[caller.index])
            // Whoever is last commits.
            let count = doneCount.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
            if count == partCount { try upload.commit(ids.map { PartChoice($0) }) }
            return bytes.count
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}
