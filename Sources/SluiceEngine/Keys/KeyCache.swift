internal import SluiceNative
internal import Synchronization

/// Keys by an id of theirs, so that a hot read costs no key operation. Thread-safe.
///
/// A key is kept together with the key version that it was unwrapped under, as a row of the
/// catalog's `keys`, and found for that one alone: a row that names another has to prove it. It goes with
/// that version, or with the scope that it is of.
///
/// Two generations: when the young one is full it becomes the old one, and what isn't used again
/// before the next turn is released, which wipes it. That is nearly LRU, without a list to keep.
final class KeyCache<Key: AnyObject & Sendable>: Sendable {
    private struct Entry {
        let key: Key
        let keyRowID: Int
        let scopeRowID: Int
        let namesRowID: Int

        var source: KeySource { KeySource(keyRowID: keyRowID, scopeRowID: scopeRowID) }

        func isOf(_ scopeRowIDs: Set<Int>) -> Bool {
            scopeRowIDs.contains(scopeRowID) || scopeRowIDs.contains(namesRowID)
        }
    }

    private struct Generations {
        var young: [Index: Entry] = [:]
        var old: [Index: Entry] = [:]
    }

    /// The first 16 bytes of an id, random already: a part of them is as good as a hash.
    private struct Index: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ id: Span<UInt8>) {
            high = Self.integer(id.extracting(0..<8))
            low = Self.integer(id.extracting(8..<16))
        }

        private static func integer(_ bytes: Span<UInt8>) -> UInt64 {
            var integer: UInt64 = 0
            for place in bytes.indices { integer = integer << 8 | UInt64(bytes[place]) }
            return integer
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(high)
        }
    }

    private let generations = Guarded(Generations())
    private let generationLimit: Int

    /// A cache of at most `limit` keys.
    init(limit: Int) {
        generationLimit = max(1, limit / 2)
    }

    /// The key of that id, if it was unwrapped for that scope, under the key version in that row.
    func key(of id: Span<UInt8>, under keyRowID: Int, inScope scopeRowID: Int) -> Key? {
        guard let entry = entry(of: id), entry.keyRowID == keyRowID,
            entry.scopeRowID == scopeRowID
        else { return nil }
        return entry.key
    }

    /// The key of that id, whatever it was unwrapped under: that is still to be held against a row.
    func key(of id: Span<UInt8>) -> Key? { entry(of: id)?.key }

    /// Keeps a key that was unwrapped for a scope. With it goes what is known by the keys of another scope, if one is
    /// given: it goes with either.
    func insert(
        _ key: Key, of id: [UInt8], under keyRowID: Int, inScope scopeRowID: Int,
        namedIn namesRowID: Int? = nil
    ) {
        let entry = Entry(
            key: key, keyRowID: keyRowID, scopeRowID: scopeRowID,
            namesRowID: namesRowID ?? scopeRowID)
        generations.withLock { insert(entry, at: Index(id.span), into: &$0) }
    }

    /// Puts a key in the place of one that nobody will ask for again, so that no other has to go. If that one
    /// is gone, as after access to it was taken away, nothing is put.
    func replace(
        _ old: [UInt8], by key: Key, of id: [UInt8], under keyRowID: Int, inScope scopeRowID: Int,
        namedIn namesRowID: Int? = nil
    ) {
        let entry = Entry(
            key: key, keyRowID: keyRowID, scopeRowID: scopeRowID,
            namesRowID: namesRowID ?? scopeRowID)
        generations.withLock { generations in
            let young = generations.young.removeValue(forKey: Index(old.span))
            let former = generations.old.removeValue(forKey: Index(old.span))
            guard young != nil || former != nil else { return }
            insert(entry, at: Index(id.span), into: &generations)
        }
    }

    /// Removes a key, unless another is there in its place.
    func remove(_ key: Key, of id: [UInt8]) {
        generations.withLock { generations in
            let index = Index(id.span)
            if generations.young[index]?.key === key { generations.young[index] = nil }
            if generations.old[index]?.key === key { generations.old[index] = nil }
        }
    }

    func remove(_ id: [UInt8]) {
        generations.withLock { generations in
            generations.young[Index(id.span)] = nil
            generations.old[Index(id.span)] = nil
        }
    }

    /// What keys here were unwrapped with: for which scopes, under which key versions, as rows of the catalog.
    var sources: Set<KeySource> {
        generations.withLock { generations in
            Set(generations.young.values.map(\.source))
                .union(generations.old.values.map(\.source))
        }
    }

    /// Forgets, and so wipes, the keys that were unwrapped with these, as far as no operation is using them.
    func removeAll(from sources: Set<KeySource>) {
        generations.withLock { generations in
            generations.young = generations.young.filter { !sources.contains($0.value.source) }
            generations.old = generations.old.filter { !sources.contains($0.value.source) }
        }
    }

    /// Forgets, and so wipes, the keys of scopes, likewise.
    func removeAll(inScopes scopeRowIDs: Set<Int>) {
        generations.withLock { generations in
            generations.young = generations.young.filter { !$0.value.isOf(scopeRowIDs) }
            generations.old = generations.old.filter { !$0.value.isOf(scopeRowIDs) }
        }
    }

    /// Forgets, and so wipes, every key that no operation is using.
    func removeAll() {
        generations.withLock { $0 = Generations() }
    }

    private func entry(of id: Span<UInt8>) -> Entry? {
        let index = Index(id)
        return generations.withLock { generations in
            if let entry = generations.young[index] { return entry }
            guard let entry = generations.old.removeValue(forKey: index) else { return nil }
            insert(entry, at: index, into: &generations)
            return entry
        }
    }

    private func insert(
        _ entry: Entry, at index: Index, into generations: inout Generations
    ) {
        if generations.young.count >= generationLimit {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[index] = entry
    }
}

/// What a key was unwrapped with: for a scope, whose principal asked, under a key version; both as rows of the catalog.
struct KeySource: Hashable, Sendable {
    let keyRowID: Int
    let scopeRowID: Int
}
