internal import BenchKit
internal import Sluice

/// Reads of objects of 4 KiB whose keys are all in the cache.
final class HotGet: Workload {
    /// What is read.
    enum Kind: Sendable {
        /// The bytes.
        case bytes
        /// What is known of an object without its bytes.
        case info
    }

    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let kind: Kind
    private let law: IndexChoice.Law
    private let objects: SmallObjects

    init(_ name: String, _ kind: Kind = .bytes, law: IndexChoice.Law, _ conditions: Conditions) {
        self.name = name
        self.kind = kind
        self.law = law
        let count = conditions.profile.hotObjectCount / 16 * 16
        objects = SmallObjects(count: count, at: conditions.path(name), conditions)
        let choice =
            switch law {
            case .uniform: "each as often"
            case .zipf(let exponent): "chosen by Zipf's law (\(exponent))"
            }
        summary = """
            \(kind == .bytes ? "Get" : "Look up") one of \(Figures.count(count)) objects of 4 KiB\
            \(kind == .bytes ? " as bytes" : ""), \(choice), keys in the cache.
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
        let choice = IndexChoice(law, count: names.count)
        var random = caller.random()
        return { [kind] in
            let name = names[choice.next(using: &random)]
            switch kind {
            case .bytes: return try store.get(name).count == SmallObjects.byteCount ? 1 : 0
            case .info: return try store.info(name).byteCount == SmallObjects.byteCount ? 1 : 0
            }
        }
    }

    func tearDown() throws {
        try objects.remove()
    }
}
