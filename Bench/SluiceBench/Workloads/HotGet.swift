internal import BenchKit
internal import Sluice

/// Gets objects of 4 KiB whose keys are all in the cache, any as often.
final class HotGet: Workload {
    let name = "get-4KiB-hot"
    let summary: String
    let unit = WorkUnit.operations
    private let objects: SmallObjects

    init(_ conditions: Conditions) {
        let count = conditions.profile.hotObjectCount / 16 * 16
        objects = SmallObjects(count: count, at: conditions.path("get-4KiB-hot"), conditions)
        summary = """
            Get one of \(FigureText.count(count)) objects of 4 KiB as bytes, keys in the cache, a \
            thread for each processor.
            """
    }

    /// How many objects there are.
    var objectCount: Int { objects.count }

    func setUp() throws {
        try objects.make()
        let store = try objects.get()
        for index in 0..<objects.count { _ = try store.get(SmallObjects.name(index)) }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        let names = try (0..<objects.count).map { try SmallObjects.name($0) }
        var random = caller.random()
        return {
            let bytes = try store.get(names[random.nextIndex(below: names.count)])
            return bytes.count == SmallObjects.byteCount ? 1 : 0
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
