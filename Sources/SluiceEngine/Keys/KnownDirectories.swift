internal import SluiceNative

/// Which directories of a scope are known to be there, by their tags: their rows need not be looked for, nor sealed
/// again. It may be wrong; the catalog says so then. Thread-safe.
final class KnownDirectories: Sendable {
    private let tags = Guarded<Set<[UInt8]>>([])

    /// Some 100 bytes each, in each of many scopes.
    private static let limit = 2048

    func contains(_ tag: [UInt8]) -> Bool {
        tags.withLock { $0.contains(tag) }
    }

    func insert(_ tag: [UInt8]) {
        tags.withLock { tags in
            if tags.count >= Self.limit { tags.removeAll() }
            tags.insert(tag)
        }
    }

    /// Forgets all of them, for one was removed.
    func removeAll() {
        tags.withLock { $0.removeAll() }
    }
}
