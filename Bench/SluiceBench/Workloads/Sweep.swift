internal import BenchKit
internal import Sluice

/// Sweeps a store whose objects each have a wrapped key of their own; the work is the keys.
final class Sweep: Workload {
    let name = "sweep"
    let summary: String
    let unit = WorkUnit.operations
    private let objects: SmallObjects

    init(_ conditions: Conditions) {
        let count = conditions.profile.sweptObjectCount
        objects = SmallObjects(
            count: count, at: conditions.path(name), ownDataKeys: true, hasCustomerKey: true,
            conditions)
        summary = """
            Rewrap \(Figures.count(count)) data keys (objectsPerDataKey 1) under another key version, \
            on all processors.
            """
    }

    func setUp() throws {
        try objects.make()
    }

    func prepareRun() throws {
        try objects.moveToOtherVersion()
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        return {
            let report = try store.rewrap()
            return report.remainingObjectCount == 0 ? report.keyCount : 0
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
