internal import BenchKit
internal import Sluice

/// Lists a store page by page; the work is the entries.
final class Listing: Workload {
    let name = "list-1000-a-page"
    let summary: String
    let unit = WorkUnit.operations
    private let objects: SmallObjects

    init(_ conditions: Conditions) {
        let count = conditions.profile.hotObjectCount / 16 * 16
        objects = SmallObjects(count: count, at: conditions.path(name), conditions)
        summary = """
            List \(Figures.count(count)) objects, 1,000 a page, one caller; counted are entries.
            """
    }

    /// How many objects there are.
    var objectCount: Int { objects.count }

    func setUp() throws {
        try objects.make()
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        var options = ListOptions()
        options.limit = 1_000
        return {
            let page = try store.list(options)
            options.after = page.next
            return page.entries.count
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
