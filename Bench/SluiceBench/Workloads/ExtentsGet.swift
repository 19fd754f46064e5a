internal import BenchKit
internal import Sluice

/// Gets an object to a sink that does nothing with it: of many extents, or of one blob.
final class ExtentsGet: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let extentCount: Int
    private let isPlain: Bool
    private let seed: UInt64
    private let store: OpenStore
    private static let objectName = "object"
    private static let extentByteCount = DataPlaneProbe.chunkByteCount

    /// An object of so many extents of one chunk each or, if it is to be plain, of as many bytes.
    init(extentCount: Int, isPlain: Bool, _ conditions: Conditions) {
        self.extentCount = extentCount
        self.isPlain = isPlain
        seed = conditions.seed
        name = isPlain ? "the same in one blob" : "get-\(extentCount)-extents"
        let size = Figures.size(Self.extentByteCount)
        let parts = Figures.count(extentCount)
        summary =
            isPlain
            ? "Get an object of \(parts) chunks of \(size), put as a whole, to a sink that does nothing."
            : "Get an object of \(parts) extents of \(size), put in parts, to a sink that does nothing."
        store = OpenStore(at: conditions.path("get-extents-\(isPlain ? "plain" : "parts")"))
    }

    func setUp() throws {
        let (made, name) = try (store.make(.none), ObjectName(Self.objectName))
        let options = PutOptions(compression: .none)
        guard !isPlain else {
            let bytes = DataPattern.random.bytes(
                count: extentCount * Self.extentByteCount, seed: seed)
            try made.put(bytes, as: name, options: options)
            return
        }
        let upload = try made.beginUpload(name, options: options)
        let ids = try (0..<extentCount).map { try PartID("\($0)") }
        for (index, id) in ids.enumerated() {
            let seed = seed &+ UInt64(index)
            try upload.put(
                DataPattern.random.bytes(count: Self.extentByteCount, seed: seed), id: id)
        }
        try upload.commit(ids.map { PartChoice($0) })
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let (store, name) = try (store.get(), ObjectName(Self.objectName))
        return { try store.get(name, to: Nowhere()).byteCount }
    }

    func tearDown() throws {
        try store.remove()
    }

    private final class Nowhere: ByteSink {
        func write(_ bytes: Span<UInt8>) {}
    }
}
