import Sluice
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// Scopes whose keys are asked for as somebody else than the store.
@Suite(.timeLimit(.minutes(2))) struct ScopeIdentityTests {
    private static let vault = "mine"
    private let alice = Identity(objectID: "alice")
    private let bob = Identity(objectID: "bob")
    private let bytes = patternedBytes(20_000, seed: 1)

    /// A vault that permits `alice` and nobody else, and a key in it.
    private func makeVault(_ store: Store, name: String = vault) throws -> KeyIdentifier {
        let owner = store.vaults.acting(as: .owner)
        _ = try owner.createVault(name: name)
        try permit(alice, store, name)
        return try owner.createKey(vault: name, name: "key").key.kid.versionless
    }

    private func permit(_ identity: Identity, _ store: Store, _ name: String = vault) throws {
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: name, for: identity, permissions: KeyOperation.ofStores, waiting: .seconds(60))
    }

    private func forbid(_ identity: Identity, _ store: Store) throws {
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Self.vault, for: identity, permissions: [], waiting: .seconds(60))
    }

    @Test func `keys are asked for as the scope's identity, and not as the store`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let key = try makeVault(store)
        #expect(failure { try store.createScope("a", key: key) } == .accessDenied)
        #expect(failure { try store.createScope("a", key: key, identity: bob) } == .accessDenied)
        #expect(try store.createScope("a", key: key, identity: alice).identity == alice)
        try store.put(bytes, as: "o", in: "a")
        let other = try home.open()
        defer { try? other.close() }
        #expect(try other.get("o", in: "a") == bytes)
        #expect(try other.verify().findings == [])
        try forbid(alice, store)
        for store in [store, other] {
            #expect(failure { try store.get("o", in: "a") } == .accessDenied)
            #expect(failure { try store.put([1], as: "p", in: "a") } == .accessDenied)
        }
        // The store's own permission helps nobody.
        try permit(store.identity, store)
        #expect(failure { try other.get("o", in: "a") } == .accessDenied)
        try permit(alice, store)
        #expect(try other.get("o", in: "a") == bytes)
    }

    @Test(arguments: [KeyWrapping.direct, .intermediate])
    func `another identity takes over, in every process`(_ wrapping: KeyWrapping) throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let key = try makeVault(store)
        try store.createScope("a", key: key, wrapping: wrapping, identity: alice)
        try store.put(bytes, as: "o", in: "a")
        #expect(try other.get("o", in: "a") == bytes)
        // Not to one that can't.
        #expect(failure { try store.updateScope("a", identity: bob) } == .accessDenied)
        #expect(try other.get("o", in: "a") == bytes)
        try permit(bob, store)
        #expect(try store.updateScope("a", identity: bob).identity == bob)
        try forbid(alice, store)
        for store in [store, other] { #expect(try store.get("o", in: "a") == bytes) }
        _ = try store.vaults.acting(as: .owner).rotateKey(vault: Self.vault, name: "key")
        try other.put(bytes, as: "p", in: "a")
        #expect(try other.rewrap(in: "a").objectCount == 1)
        // And back to the store itself.
        try permit(store.identity, store)
        #expect(try other.updateScope("a", identity: store.identity).identity == nil)
        try forbid(bob, store)
        for store in [store, other] { #expect(try store.get("p", in: "a") == bytes) }
    }

    @Test func `the platform's key is asked for as the store, whatever the scope's identity`()
        throws
    {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try store.createScope("a", identity: alice)
        try store.put(bytes, as: "o", in: "a")
        let key = try makeVault(store)
        #expect(try store.updateScope("a", key: key).currentKey.vault == Self.vault)
        #expect(try store.get("o", in: "a") == bytes)
        #expect(try store.rewrap(in: "a").objectCount == 1)
        #expect(try store.updateScope("a", key: store.vaults.platformKey()).identity == alice)
        #expect(try store.rewrap(in: "a").objectCount == 1)
        try forbid(alice, store)
        #expect(try store.get("o", in: "a") == bytes)
        // In a vault that knew the scope with another identity.
        try permit(alice, store)
        try permit(bob, store)
        try store.updateScope("a", identity: bob)
        #expect(try store.updateScope("a", key: key).identity == bob)
        try forbid(alice, store)
        #expect(try store.get("o", in: "a") == bytes)
    }

    // MARK: Rows that are not the vault's

    private func sql(_ home: TestHome, _ change: String) throws {
        try home.sql("UPDATE scopes SET \(change) WHERE name = 'a'")
    }

    @Test func `an altered row is refused before anybody is asked`() throws {
        let home = try TestHome()
        try home.withStore { store in
            let key = try makeVault(store)
            try store.createScope("a", key: key, identity: alice)
            try permit(bob, store)
            try permit(store.identity, store)
        }
        for identity in ["bob", "", "alicia"] {
            try sql(home, "identity = '\(identity)'")
            try home.withStore { store in
                #expect(failure { try store.list(in: "a") } == .wrongVault)
                let log = try store.vaults.acting(as: .owner).operations(vault: Self.vault).records
                #expect(!log.contains { $0.operation == "unwrapKey" && $0.identity == identity })
            }
        }
        // No spelling but one.
        try sql(home, "identity = 'Alice'")
        try home.withStore { store in
            #expect(failure { try store.list(in: "a") } == .integrity)
        }
        try sql(home, "identity = 'alice'")
        let names = try home.withStore { store in try store.list(in: "a").entries }
        #expect(names.isEmpty)
    }

    @Test func `a row of before the change is refused, until the same is asked for again`() throws {
        let home = try TestHome()
        let code = try home.withStore { store in
            let key = try makeVault(store)
            try store.createScope("a", key: key, identity: alice)
            try store.put(bytes, as: "o", in: "a")
            try permit(bob, store)
            return try #require(try store.context.catalog.scope(named: "a")).code
        }
        try home.withStore { store in _ = try store.updateScope("a", identity: bob) }
        // The row as it was, with its code.
        try sql(home, "identity = 'alice', code = x'\(String(hexadecimal: code))'")
        try home.withStore { store in
            #expect(failure { try store.get("o", in: "a") } == .wrongVault)
            #expect(failure { try store.updateScope("a", identity: alice) } == .wrongVault)
            #expect(failure { try store.updateScope("a", retention: .init()) } == .wrongVault)
            try store.updateScope("a", identity: bob)
            #expect(try store.get("o", in: "a") == bytes)
        }
    }

    @Test func `one that is cut short is finished by asking again`() throws {
        let home = try TestHome()
        try home.withStore { store in
            let key = try makeVault(store)
            try store.createScope("a", key: key, identity: alice)
            try store.put(bytes, as: "o", in: "a")
            try permit(bob, store)
        }
        // The vault's side of the change, and no more.
        let cut = try home.open()
        let opener = cut.registry.opener
        var record = try #require(try cut.context.catalog.scope(named: "a"))
        let known = try opener.anchor(of: record)
        record.ownIdentity = bob
        try opener.register(record, inPlaceOf: known)
        try cut.close()
        try home.withStore { store in
            #expect(failure { try store.get("o", in: "a") } == .wrongVault)
            try store.updateScope("a", identity: bob)
            #expect(try store.get("o", in: "a") == bytes)
        }
    }

    // MARK: Others at the same time

    // takes a newer version up | others
    // -------------------------|------------------------------
    // checks the anchor        |
    //                          | change the identity, and are done
    // registers its own        |
    @Test func `whoever takes a version up brings no older identity back`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let key = try makeVault(store)
        try store.createScope("a", key: key, identity: alice)
        try store.put(bytes, as: "o", in: "a")
        let old = try #require(try store.context.catalog.scope(named: "a"))
        try permit(bob, store)
        try store.updateScope("a", identity: bob)
        #expect(throws: StoreError.self) { try store.registry.opener.register(old) }
        let other = try home.open()
        defer { try? other.close() }
        for store in [store, other] { #expect(try store.get("o", in: "a") == bytes) }
    }

    @Test func `a read that is under way asks as the scope does now`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let key = try makeVault(store)
        try store.createScope("a", key: key, identity: alice)
        try store.put(bytes, as: "o", in: "a")
        let object = try store.finder.find("o", in: "a")
        _ = try store.keyring.keys(of: object)
        var reading = try store.authorizer.reading(object)
        try permit(bob, store)
        try other.updateScope("a", identity: bob)
        try store.context.access.release(&reading) {}
        try forbid(bob, store)
        let code = failure { try store.context.access.release(&reading) {} }
        #expect(code == .accessDenied)
    }

    @Test func `keys go with the scope's identity, though the store may use them`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let key = try makeVault(store)
        try permit(store.identity, store)
        try store.createScope("a", key: key, wrapping: .intermediate, identity: alice)
        try store.put(bytes, as: "o", in: "a")
        #expect(try store.get("o", in: "a") == bytes)
        #expect(!store.cache.sources.isEmpty)
        try forbid(alice, store)
        #expect(failure { try store.get("o", in: "a") } == .accessDenied)
        #expect(eventually { store.cache.sources.isEmpty })
    }
}
