import Sluice
import Testing

@testable import SluiceEngine

@Suite struct KeyCacheTests {
    private final class Key: Sendable {}

    private func id(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }

    @Test func `a key that is replaced makes no other go`() {
        let cache = KeyCache<Key>(limit: 8)
        let others: [UInt8] = [1, 2, 3]
        for number in [0] + others { cache.insert(Key(), of: id(number), under: 1) }
        for number: UInt8 in 100..<200 {
            let key = Key()
            let old = number == 100 ? 0 : number - 1
            cache.replace(id(old), by: key, of: id(number), under: 2)
            #expect(cache.key(of: id(number), under: 2) === key)
            #expect(
                cache.key(of: id(old), under: 1) == nil && cache.key(of: id(old), under: 2) == nil)
        }
        for number in others { #expect(cache.key(of: id(number), under: 1) != nil) }
    }

    @Test func `what is used again outlives what isn't`() {
        let cache = KeyCache<Key>(limit: 8)
        cache.insert(Key(), of: id(0), under: 1)
        for number: UInt8 in 1..<100 {
            cache.insert(Key(), of: id(number), under: 1)
            #expect(cache.key(of: id(0), under: 1) != nil)
        }
        #expect(cache.key(of: id(1), under: 1) == nil)
    }

    @Test func `a key is found under the version that it was unwrapped under alone`() {
        let cache = KeyCache<Key>(limit: 8)
        cache.insert(Key(), of: id(0), under: 1)
        #expect(cache.key(of: id(0), under: 2) == nil)
        cache.removeAll(from: [KeySource(keyRowID: 2, scopeRowID: 9)])
        #expect(cache.key(of: id(0), under: 1) != nil)
        cache.removeAll(from: [KeySource(keyRowID: 1, scopeRowID: 9)])
        #expect(cache.key(of: id(0), under: 1) == nil && cache.sources.isEmpty)
    }

    @Test func `a key is found for the scope that it was unwrapped for alone, and goes with it`() {
        let cache = KeyCache<Key>(limit: 8)
        for scope in 1...2 {
            cache.insert(Key(), of: id(UInt8(scope)), under: 1, inScope: scope)
        }
        #expect(cache.key(of: id(1).span, under: 1, inScope: 2) == nil)
        #expect(cache.key(of: id(1).span, under: 1, inScope: 1) != nil)
        cache.removeAll(inScopes: [1])
        #expect(cache.sources == [KeySource(keyRowID: 1, scopeRowID: 2)])
    }
}

extension KeyCache {
    fileprivate func key(of id: [UInt8], under keyRowID: Int) -> Key? {
        key(of: id.span, under: keyRowID, inScope: 9)
    }

    fileprivate func insert(_ key: Key, of id: [UInt8], under keyRowID: Int) {
        insert(key, of: id, under: keyRowID, inScope: 9)
    }

    fileprivate func replace(_ old: [UInt8], by key: Key, of id: [UInt8], under keyRowID: Int) {
        replace(old, by: key, of: id, under: keyRowID, inScope: 9)
    }
}
