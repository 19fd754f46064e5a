internal import BenchKit
internal import Sluice

/// Gets an object to a file, not synced.
final class FileGet: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let byteCount: Int
    private let conditions: Conditions
    private let store: OpenStore
    private let target: String
    private let alsoRemoved: [String]
    private static let objectName = "file"

    init(
        byteCount: Int, name: String, to target: String, alsoRemoving alsoRemoved: [String],
        _ conditions: Conditions
    ) {
        self.byteCount = byteCount
        self.name = name
        self.target = target
        self.alsoRemoved = alsoRemoved
        self.conditions = conditions
        summary = """
            Get an object of \(Figures.size(byteCount)) of random bytes, whose blob is in the \
            page cache, to a new file, not synced.
            """
        store = OpenStore(at: conditions.path(name))
    }

    func setUp() throws {
        let source = try conditions.corpus.path(.random, byteCount: byteCount)
        try store.make(.full).put(fileAt: source, as: ObjectName(Self.objectName))
    }

    func prepareRun() throws {
        for path in [target] + alsoRemoved { try Scratch.remove(path) }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let name = try ObjectName(Self.objectName)
        return { [target, byteCount] in
            try store.get(name, toFileAt: target)
            return byteCount
        }
    }

    func tearDown() throws {
        try store.remove()
        try Scratch.remove(target)
    }
}
