internal import BenchKit
internal import Sluice
internal import Synchronization

/// Puts or gets objects of 4 KiB in one of two stores that differ in how many objects they have.
///
/// Gets are of objects whose keys are in the cache, for otherwise an unwrap would hide what the
/// catalog takes. Puts are undone before the next run, so that the counts stay what they are.
final class CatalogOperation: Workload {
    /// What is timed.
    enum Kind: String, Sendable {
        case put, get
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
        objects = isInLarge ? stores.large : stores.small
        let small = Figures.count(stores.small.count)
        let large = Figures.count(stores.large.count)
        name =
            isInLarge
            ? "\(kind.rawValue)-4KiB-among-\(stores.large.count)" : "the same among \(small)"
        summary = """
            The median time to \(kind.rawValue) an object of 4 KiB, durability none, one caller, in \
            a store with \(isInLarge ? large : small) objects\
            \(kind == .get ? ", keys in the cache" : ""); at most 1.3 times that among \(small).
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
        }
    }

    /// The stores stay for the other operation; they go with the run.
    func tearDown() {}
}
