internal import Synchronization

/// Object keys by object id, so that a hot read costs no key operation. Thread-safe.
///
/// Two generations: when the young one is full it becomes the old one, and what isn't used again
/// before the next turn is released, which wipes it. That is nearly LRU, without a list to keep.
final class KeyCache: Sendable {
    private struct Generations {
        var young: [Index: ObjectKeys] = [:]
        var old: [Index: ObjectKeys] = [:]
    }

    /// An object id, which is random already: a part of it is as good as a hash of it.
    private struct Index: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ objectID: [UInt8]) {
            high = objectID.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            low = objectID.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(high)
        }
    }

    private let generations = Mutex(Generations())
    private let generationLimit: Int

    /// A cache of at most `limit` keys.
    init(limit: Int) {
        generationLimit = max(1, limit / 2)
    }

    subscript(objectID: [UInt8]) -> ObjectKeys? {
        let index = Index(objectID)
        return generations.withLock { generations in
            if let keys = generations.young[index] { return keys }
            guard let keys = generations.old.removeValue(forKey: index) else { return nil }
            insert(keys, at: index, into: &generations)
            return keys
        }
    }

    func insert(_ keys: ObjectKeys, for objectID: [UInt8]) {
        generations.withLock { insert(keys, at: Index(objectID), into: &$0) }
    }

    func remove(_ objectID: [UInt8]) {
        generations.withLock { generations in
            generations.young[Index(objectID)] = nil
            generations.old[Index(objectID)] = nil
        }
    }

    /// Forgets, and so wipes, every key that no operation is using.
    func removeAll() {
        generations.withLock { $0 = Generations() }
    }

    private func insert(
        _ keys: ObjectKeys, at index: Index, into generations: inout Generations
    ) {
        if generations.young.count >= generationLimit {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[index] = keys
    }
}
