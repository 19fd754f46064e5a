import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct AnchorTests {
    let vaults: TemporaryVaults
    let directory: VaultDirectory
    let key: KeyIdentifier
    let commitment = [UInt8](repeating: 9, count: 32)

    init() throws {
        vaults = try TemporaryVaults()
        directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        key = try directory.addKnownKey()
    }

    @Test func `what is not registered is nil`() throws {
        #expect(try directory.anchor(store: [1], scope: [2], under: key) == nil)
    }

    @Test func `what is registered is found by every instance`() throws {
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        for instance in [directory, try vaults.open()] {
            #expect(try instance.anchor(store: [1], scope: [2], under: key) == commitment)
        }
        #expect(try directory.anchor(store: [1, 2], scope: [], under: key) == nil)
        #expect(try directory.anchor(store: [2], scope: [1], under: key) == nil)
    }

    @Test func `the same again is fine and another one is refused`() throws {
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        let other = [UInt8](repeating: 8, count: 32)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.open().registerAnchor(other, store: [1], scope: [2], under: key)
            } == .anchorMismatch)
        #expect(try directory.anchor(store: [1], scope: [2], under: key) == commitment)
        try directory.registerAnchor(other, store: [1], scope: [3], under: key)
    }

    @Test func `it outlives the version under which it was registered`() throws {
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        let next = try directory.addKnownKey()
        #expect(try directory.anchor(store: [1], scope: [2], under: next) == commitment)
    }

    @Test func `each vault has its own`() throws {
        _ = try directory.acting(as: .owner).createVault(name: "other")
        let elsewhere = try directory.addKnownKey(vault: "other")
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        #expect(try directory.anchor(store: [1], scope: [2], under: elsewhere) == nil)
    }

    @Test func `a vault knows the stores that use it and everywhere they were`() throws {
        #expect(try directory.registeredStores(vault: "default").isEmpty)
        try directory.registerAnchor(commitment, store: [2], scope: [1], under: key, path: "/a")
        try directory.registerAnchor(commitment, store: [2], scope: [2], under: key, path: "/a")
        try directory.registerAnchor(commitment, store: [1], scope: [1], under: key)
        #expect(
            try vaults.open().registeredStores(vault: "default") == [
                RegisteredStore(storeID: [1], path: nil), RegisteredStore(storeID: [2], path: "/a"),
            ])
        try directory.registerAnchor(commitment, store: [2], scope: [1], under: key, path: "/b")
        let refused = refusal { () throws(VaultError) in
            try directory.registerAnchor(
                Array(repeating: 1, count: 32), store: [2], scope: [1], under: key, path: "/c")
        }
        #expect(refused == .anchorMismatch)
        func places() throws -> [String?] {
            try directory.registeredStores(vault: "default").filter { $0.storeID == [2] }.map(
                \.path)
        }
        #expect(try places() == ["/a", "/b"])
        try directory.notePlace("/b", ofStore: [2], vault: "default")
        try directory.notePlace("/d", ofStore: [2], vault: "default")
        #expect(try places() == ["/a", "/b", "/d"])
        // One that has registered no scope is none of this vault's.
        try directory.notePlace("/d", ofStore: [3], vault: "default")
        #expect(try directory.registeredStores(vault: "default").count == 4)
        try directory.forgetPlace("/a", ofStore: [2], vault: "default", as: .owner)
        #expect(try places() == ["/b", "/d"])
    }

    @Test(arguments: [0, 31, 33])
    func `a commitment of another size is refused`(byteCount: Int) {
        #expect(
            refusal { () throws(VaultError) in
                try directory.registerAnchor(
                    [UInt8](repeating: 1, count: byteCount), store: [1], scope: [2], under: key)
            } == .invalidArgument)
    }

    @Test(arguments: [
        "UPDATE anchors SET commitment = randomblob(32)",
        "UPDATE anchors SET authentication = randomblob(32)",
        "UPDATE anchors SET authentication = x''",
        "UPDATE anchors SET scope = x'05'",
        "UPDATE anchors SET store = x'05'",
        """
        UPDATE anchors SET (commitment, authentication) =
            (SELECT commitment, authentication FROM anchors o WHERE o.scope <> anchors.scope)
        WHERE scope = x'02'
        """,
    ])
    func `one that the vault did not write is found out`(change: String) throws {
        let other = [UInt8](repeating: 8, count: 32)
        try directory.registerAnchor(commitment, store: [1], scope: [2], under: key)
        try directory.registerAnchor(other, store: [1], scope: [3], under: key)
        try vaults.tamper("default") { connection in
            if change.hasPrefix("UPDATE anchors SET scope") {
                try connection.execute("DELETE FROM anchors WHERE scope = x'03'")
            }
            try connection.execute(change)
            #expect(connection.changedRowCount > 0)
        }
        let (store, scope): ([UInt8], [UInt8]) =
            change.contains("SET scope")
            ? ([1], [5]) : change.contains("SET store") ? ([5], [2]) : ([1], [2])
        #expect(
            refusal { () throws(VaultError) in
                try directory.anchor(store: store, scope: scope, under: key)
            } == .damaged)
        #expect(
            refusal { () throws(VaultError) in
                try directory.registerAnchor(commitment, store: store, scope: scope, under: key)
            } == .damaged)
    }
}
