internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Gets objects of 4 KiB whose keys are not in the cache, each once a run.
final class ColdGet: Workload {
    let name: String
    let summary = """
        Get objects of 4 KiB as bytes, each once after all keys were forgotten, with a wrapped key \
        for each object (objectsPerDataKey 1), so that each get takes an unwrap; a thread for each \
        processor.
        """
    let unit = WorkUnit.operations
    private let objects: SmallObjects
    private let getsPerCaller: Int

    /// Gets of as many callers as there are processors, each of whom gets so many at most.
    init(_ name: String, getsPerCaller: Int, _ conditions: Conditions) {
        self.name = name
        self.getsPerCaller = getsPerCaller
        let needed = getsPerCaller * Processor.count
        objects = SmallObjects(
            count: (needed + 15) / 16 * 16, at: conditions.path(name), ownDataKeys: true,
            conditions)
    }

    func setUp() throws {
        try objects.make()
    }

    func prepareRun() throws {
        try objects.get().forgetObjectKeys()
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        let first = caller.index * getsPerCaller
        var names = try (first..<first + getsPerCaller).map { try SmallObjects.name($0) }
        var random = caller.random()
        names.shuffle(using: &random)
        return {
            guard let name = names.popLast() else { return 0 }
            return try store.get(name).count == SmallObjects.byteCount ? 1 : 0
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
