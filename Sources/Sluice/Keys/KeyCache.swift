internal import Synchronization

/// Object keys by object id, so that a hot read costs no key operation. Thread-safe.
///
/// Two generations: when the young one is full it becomes the old one, and what isn't used again
/// before the next turn is released, which wipes it. That is nearly LRU, without a list to keep.
final class KeyCache: Sendable {
    private struct Generations {
        var young: [[UInt8]: ObjectKeys] = [:]
        var old: [[UInt8]: ObjectKeys] = [:]
    }

    private let generations = Mutex(Generations())
    private let generationLimit: Int

    /// A cache of at most `limit` keys.
    init(limit: Int) {
        generationLimit = max(1, limit / 2)
    }

    subscript(objectID: [UInt8]) -> ObjectKeys? {
        generations.withLock { generations in
            if let keys = generations.young[objectID] { return keys }
            guard let keys = generations.old.removeValue(forKey: objectID) else { return nil }
            insert(keys, for: objectID, into: &generations)
            return keys
        }
    }

    func insert(_ keys: ObjectKeys, for objectID: [UInt8]) {
        generations.withLock { insert(keys, for: objectID, into: &$0) }
    }

    func remove(_ objectID: [UInt8]) {
        generations.withLock { generations in
            generations.young[objectID] = nil
            generations.old[objectID] = nil
        }
    }

    /// Forgets, and so wipes, every key that no operation is using.
    func removeAll() {
        generations.withLock { $0 = Generations() }
    }

    private func insert(
        _ keys: ObjectKeys, for objectID: [UInt8], into generations: inout Generations
    ) {
        if generations.young.count >= generationLimit {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[objectID] = keys
    }
}
