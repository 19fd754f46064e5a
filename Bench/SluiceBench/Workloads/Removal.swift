internal import BenchKit
internal import Sluice

/// Removes objects of 4 KiB, which are put anew before each run.
final class Removal: Workload {
    let name = "remove-4KiB"
    let summary = "Remove objects of 4 KiB, durability none, one caller."
    let unit = WorkUnit.operations
    private let objects: SmallObjects

    /// As many objects as a run removes.
    init(_ conditions: Conditions) {
        let count = (conditions.profile.putsAlone + 15) / 16 * 16
        objects = SmallObjects(count: count, at: conditions.path(name), conditions)
    }

    func prepareRun() throws {
        try objects.make()
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        var names = try (0..<objects.count).map { try SmallObjects.name($0) }
        var random = caller.random()
        names.shuffle(using: &random)
        return {
            guard let name = names.popLast() else { return 0 }
            try store.remove(name)
            return 1
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
