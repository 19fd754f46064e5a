internal import Sluice
internal import Synchronization

/// A store that a workload holds open between `setUp` and `tearDown`. Thread-safe.
final class OpenStore: Sendable {
    private let store = Mutex<Store?>(nil)
    private let path: String

    /// A store below `path`, not made yet.
    init(at path: String) {
        self.path = path
    }

    /// The open store.
    func get() throws -> Store {
        guard let store = store.withLock({ $0 }) else { throw BenchError.notSetUp }
        return store
    }

    /// Makes a new store, in the place of the one that is there; the vaults stay, for making their keys
    /// takes long.
    ///
    /// Small objects share wrapped keys as they do by default, unless each is to have its own. There is a
    /// worker for each core, unless it is said how many.
    func make(
        _ durability: Durability, ownDataKeys: Bool = false, workerCount: Int? = nil
    ) throws -> Store {
        let location = StoreLocation(home: path)
        try close()
        try Scratch.remove(location.store)
        var options = StoreOptions()
        options.durability = durability
        if ownDataKeys { options.objectsPerDataKey = 1 }
        options.workerCount = workerCount
        let made = try Store.open(location, options: options)
        store.withLock { $0 = made }
        return made
    }

    /// Closes the store and removes it with its vaults.
    func remove() throws {
        try close()
        try Scratch.remove(path)
    }

    private func close() throws {
        let closing = store.withLock { store in
            defer { store = nil }
            return store
        }
        try closing?.close()
    }
}
