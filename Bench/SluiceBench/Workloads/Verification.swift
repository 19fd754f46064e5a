internal import BenchKit
internal import Sluice

/// Verifies a store with one object: reads and authenticates everything.
final class Verification: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let byteCount: Int
    private let conditions: Conditions
    private let store: OpenStore

    init(_ conditions: Conditions) {
        self.conditions = conditions
        byteCount = conditions.profile.objectByteCount
        name = "verify-\(Figures.size(byteCount))"
        summary = "Verify a store with an object of \(Figures.size(byteCount)) in the page cache."
        store = OpenStore(at: conditions.path(name))
    }

    func setUp() throws {
        let bytes = DataPattern.random.bytes(count: byteCount, seed: conditions.seed)
        try store.make(.none).put(bytes, as: "object")
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        return {
            let report = try store.verify()
            return report.findings.isEmpty ? report.byteCount : 0
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}
