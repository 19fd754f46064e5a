internal import BenchKit
internal import Sluice

/// Puts objects of 4 KiB, durably, into a store that is empty at the beginning of each run.
final class SmallPut: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let store: OpenStore

    init(_ name: String, callers: Int, _ conditions: Conditions) {
        self.name = name
        summary = """
            Put new objects of 4 KiB of random bytes from \(callers) \
            \(callers == 1 ? "thread" : "threads"), each on the disk when its put returns.
            """
        store = OpenStore(at: conditions.path(name))
    }

    func prepareRun() throws {
        // The first put makes the scope, which takes key operations.
        try store.make(.full).put([], as: "first")
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let bytes = SmallObjects.bytes(seed: caller.runSeed &+ UInt64(caller.index))
        var index = caller.index
        return {
            try store.put(bytes, as: SmallObjects.name(index))
            index += caller.count
            return 1
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}
