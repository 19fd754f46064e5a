import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// What becomes of a key that was asked for before access to it was taken away, and comes after that.
@Suite struct AskingTests {
    /// A store that takes its own access away when the vault has unwrapped a key, the `count`th from now.
    private final class Interlude: Sendable {
        let left = Atomic<Int>(0)
        let body = Mutex<(@Sendable () -> Void)?>(nil)

        func meet() {
            guard left.load(ordering: .sequentiallyConsistent) > 0,
                left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
            else { return }
            body.withLock { $0 }?()
        }
    }

    private func open(
        _ home: TestHome, _ interlude: Interlude
    ) throws -> Store {
        var options = StoreOptions.fast()
        options.seams.onUnwrap = { interlude.meet() }
        return try home.open(options)
    }

    // a get                  | a revoker
    // -----------------------|---------------------------
    // asks, has a key        |
    //                        | takes access away: confirmed; all that is kept is dropped
    // would keep the key     |
    @Test(arguments: [1, 2], RevocationKind.allCases)
    func `a key that was overtaken by a revocation isn't kept`(
        count: Int, kind: RevocationKind
    ) throws {
        let home = try TestHome()
        let maker = try home.open()
        let customer = try Customer(maker)
        try maker.put(patternedBytes(90_000), as: "large", options: .with())
        let interlude = Interlude()
        let store = try open(home, interlude)
        defer { for store in [store, maker] { try? store.close() } }
        let isRevoked = Box(false)
        interlude.body.withLock {
            $0 = {
                try? kind.revoke(customer)
                // Those who watch have dropped what there was by then.
                store.accessWatch.dropRevokedKeys()
                isRevoked.update { $0 = true }
            }
        }
        interlude.left.store(count, ordering: .sequentiallyConsistent)
        #expect(failure { try store.get("large") } == .accessDenied)
        #expect(isRevoked.value)
        #expect(store.registry.all[.default] == nil)
        #expect(store.cache.dataKeys.sources.isEmpty)
        #expect(store.cache.objects.sources.isEmpty)
    }

    @Test func `a key of an epoch that moved for another reason is found anew`() throws {
        let home = try TestHome()
        let interlude = Interlude()
        let store = try open(home, interlude)
        defer { try? store.close() }
        _ = try Customer(store)
        try store.put([7], as: "o")
        try store.close()
        let again = try open(home, interlude)
        defer { try? again.close() }
        let stranger = Identity(objectID: "stranger")
        interlude.body.withLock {
            $0 = {
                _ = try? again.vaults.acting(as: .owner).setIdentity(stranger, isEnabled: false)
            }
        }
        interlude.left.store(1, ordering: .sequentiallyConsistent)
        #expect(try again.get("o") == [7])
        #expect(try again.get("o") == [7])
        #expect(again.registry.all[.default] != nil)
    }

    @Test func `a store watches before it asks`() throws {
        let home = try TestHome()
        let maker = try home.open()
        _ = try Customer(maker)
        try maker.put([7], as: "o")
        try maker.close()
        let wasWatched = Box(false)
        let interlude = Interlude()
        let known = Box<Store?>(nil)
        interlude.body.withLock {
            $0 = {
                let store = known.value
                wasWatched.update { $0 = store?.accessWatch.isWatching ?? false }
            }
        }
        let store = try open(home, interlude)
        known.update { $0 = store }
        interlude.left.store(1, ordering: .sequentiallyConsistent)
        #expect(try store.get("o") == [7])
        #expect(wasWatched.value)
        known.update { $0 = nil }
        try store.close()
    }
}

@Suite struct KeyCacheReplaceTests {
    private final class Key: Sendable {}

    @Test func `what was removed meanwhile is not put back under its new id`() {
        let cache = KeyCache<Key>(limit: 8)
        let (old, new) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        cache.insert(Key(), of: old, under: 1, inScope: 9)
        cache.replace(old, by: Key(), of: new, under: 2, inScope: 9)
        #expect(cache.sources == [KeySource(keyRowID: 2, scopeRowID: 9)])
        cache.removeAll(from: [KeySource(keyRowID: 2, scopeRowID: 9)])
        cache.replace(new, by: Key(), of: old, under: 3, inScope: 9)
        #expect(cache.sources.isEmpty)
    }

    @Test func `a key is removed only while it is the one there`() {
        let cache = KeyCache<Key>(limit: 8)
        let id = [UInt8](repeating: 1, count: 16)
        let (first, second) = (Key(), Key())
        cache.insert(first, of: id, under: 1, inScope: 9)
        cache.insert(second, of: id, under: 1, inScope: 9)
        cache.remove(first, of: id)
        #expect(cache.key(of: id.span) === second)
        cache.remove(second, of: id)
        #expect(cache.key(of: id.span) == nil)
    }
}
