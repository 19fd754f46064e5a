internal import BenchKit
internal import Sluice
internal import Synchronization

/// What must take no longer in a large store than in a small one.
///
/// Gets are of objects whose keys are in the cache, for otherwise an unwrap would hide what the
/// catalog takes. Puts are undone before the next run, so that the counts stay what they are.
final class CatalogOperation: Workload {
    /// What is timed.
    enum Kind: String, Sendable {
        case put = "put-4KiB"
        case get = "get-4KiB"
        case takeUp = "take-up"
        case census

        /// What it is, for people.
        fileprivate var text: String {
            switch self {
            case .put: "put an object of 4 KiB, durability none, one caller"
            case .get: "get an object of 4 KiB whose key is in the cache, one caller"
            case .takeUp: "move a scope to another version of its key, which is there already"
            case .census: "count a scope's objects and bytes by key version"
            }
        }
    }

    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let kind: Kind
    private let stores: CatalogStores
    private let objects: SmallObjects
    private let putNames = Mutex<[ObjectName]>([])

    /// The operation in the large store, or in the small one, which it is held against.
    init(_ kind: Kind, inLarge isInLarge: Bool, _ stores: CatalogStores) {
        self.kind = kind
        self.stores = stores
        let small =
            switch kind {
            case .put, .get: stores.small
            case .takeUp, .census: stores.tiny
            }
        objects = isInLarge ? stores.large : small
        name =
            isInLarge
            ? "\(kind.rawValue)-among-\(objects.count)"
            : "the same among \(Figures.count(objects.count))"
        summary = """
            The median time to \(kind.text), in a store with \(Figures.count(objects.count)) objects; \
            beside that among \(Figures.count(small.count)).
            """
    }

    func setUp() throws {
        try stores.makeOnce()
    }

    func prepareRun() throws {
        let store = try objects.get()
        for name in putNames.withLock({ $0 }) { try store.remove(name) }
        putNames.withLock { $0 = [] }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try objects.get()
        switch kind {
        case .put:
            let bytes = SmallObjects.bytes(seed: caller.runSeed)
            var index = 0
            return { [self] in
                let name = try ObjectName("new-\(caller.runSeed)-\(index)")
                index += 1
                try store.put(bytes, as: name)
                putNames.withLock { $0.append(name) }
                return 1
            }
        case .get:
            var random = caller.random()
            let count = CatalogStores.warmCount(of: objects)
            return { [objects] in
                let choice = random.nextIndex(below: count)
                let name = try SmallObjects.name(CatalogStores.warmIndex(choice, of: objects))
                return try store.get(name).count == SmallObjects.byteCount ? 1 : 0
            }
        case .takeUp:
            return { [objects] in
                try objects.moveToOtherVersion()
                return 1
            }
        case .census:
            return { [objects] in
                let counts = try store.scope(.default).census.map(\.objectCount)
                return counts.reduce(0, +) >= objects.count ? 1 : 0
            }
        }
    }

    /// The stores stay for the other operations; they go with the run.
    func tearDown() {}
}
