internal import Sluice
internal import Synchronization

/// Two stores that differ in how many objects they have, shared by the cells that compare them.
final class CatalogStores: Sendable {
    /// The store with few objects.
    let small: SmallObjects
    /// The store with many.
    let large: SmallObjects
    private let isMade = Mutex(false)

    /// Objects of each store whose keys are in the cache, at most; they lie evenly among all.
    private static let warmLimit = 10_000

    init(_ conditions: Conditions) {
        small = SmallObjects(
            count: conditions.profile.smallCatalogCount, at: conditions.path("few-objects"),
            conditions)
        large = SmallObjects(
            count: conditions.profile.largeCatalogCount, at: conditions.path("many-objects"),
            conditions)
    }

    /// How many objects of a store have their keys in the cache.
    static func warmCount(of objects: SmallObjects) -> Int { min(warmLimit, objects.count) }

    /// The object behind a choice in `0..<warmCount`.
    static func warmIndex(_ choice: Int, of objects: SmallObjects) -> Int {
        choice * (objects.count / warmCount(of: objects))
    }

    /// Fills the stores, and the caches of keys, at the first call.
    func makeOnce() throws {
        try isMade.withLock { isMade in
            guard !isMade else { return }
            for objects in [small, large] {
                try objects.make()
                let store = try objects.get()
                for choice in 0..<Self.warmCount(of: objects) {
                    _ = try store.get(SmallObjects.name(Self.warmIndex(choice, of: objects)))
                }
            }
            isMade = true
        }
    }

    /// Removes both.
    func remove() throws {
        try small.remove()
        try large.remove()
    }
}
