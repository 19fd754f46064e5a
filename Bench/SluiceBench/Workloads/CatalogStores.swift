internal import Sluice
internal import Synchronization

/// Stores that differ in how many objects they have, shared by the cells that compare them.
///
/// All are under a customer's key, so that their scopes can be moved to another version.
final class CatalogStores: Sendable {
    /// The store with the fewest objects.
    let tiny: SmallObjects
    /// The store with few.
    let small: SmallObjects
    /// The store with many.
    let large: SmallObjects
    private let isMade = Mutex(false)

    /// Objects of each store whose keys are in the cache, at most; they lie evenly among all.
    private static let warmLimit = 10_000

    init(_ conditions: Conditions) {
        func objects(_ count: Int) -> SmallObjects {
            SmallObjects(
                count: count, at: conditions.path("\(count)-objects"), hasCustomerKey: true,
                conditions)
        }
        tiny = objects(conditions.profile.tinyCatalogCount)
        small = objects(conditions.profile.smallCatalogCount)
        large = objects(conditions.profile.largeCatalogCount)
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
            for objects in [tiny, small, large] {
                try objects.make()
                let store = try objects.get()
                for choice in 0..<Self.warmCount(of: objects) {
                    _ = try store.get(SmallObjects.name(Self.warmIndex(choice, of: objects)))
                }
            }
            isMade = true
        }
    }

    /// Removes them.
    func remove() throws {
        try tiny.remove()
        try small.remove()
        try large.remove()
    }
}
