import Foundation
import Sluice
import TestSupport
import Testing

/// Root in somebody else's store. Nobody else can give files away, so that others' runs skip this.
@Suite(.enabled(if: getuid() == 0))
struct StoreOwnerTests {
    private static let userID: UInt32 = 65_534

    /// What below a directory isn't the user's.
    private func foreign(_ path: String) throws -> [String] {
        let files = FileManager.default
        let names = files.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return try names.filter { name in
            let attributes = try files.attributesOfItem(atPath: "\(path)/\(name)")
            return attributes[.ownerAccountID] as? UInt32 != Self.userID
        }
    }

    private func give(_ path: String) throws {
        let files = FileManager.default
        let names = files.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in ["."] + names {
            try files.setAttributes(
                [.ownerAccountID: Self.userID, .groupOwnerAccountID: Self.userID],
                ofItemAtPath: "\(path)/\(name)")
        }
    }

    /// Makes some of everything.
    private func use(_ store: Store) throws {
        try store.put(patternedBytes(70_000), as: "large", options: .with())
        try store.put([1], as: "small")
        _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
        _ = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "key")
        _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: false)
        _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: true)
    }

    @Test(arguments: [Durability.full, .none])
    func `what root makes in a user's home is the user's`(durability: Durability) throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path("user"), withIntermediateDirectories: false)
        try give(directory.path("user"))
        var options = StoreOptions.fast()
        options.durability = durability
        let store = try Store.open(
            StoreLocation(home: directory.path("user/home")), options: options)
        try use(store)
        #expect(try foreign(directory.path("user")) == [])
        #expect(!directory.files(below: "user/home/store/blobs").isEmpty)
        try store.close()
        #expect(try foreign(directory.path("user")) == [])
    }

    @Test func `root's own copy of it, and what root gets, stays root's`() throws {
        let home = try TestHome()
        try home.withStore { store throws in try use(store) }
        try give(home.directory.path("store"))
        try give(home.directory.path("vaults"))
        try home.withStore { store throws in
            try store.put(patternedBytes(80_000), as: "another", options: .with())
            try store.backup(to: home.directory.path("backup"))
            try store.get("large", toFileAt: home.directory.path("got"))
        }
        for name in ["store", "vaults"] {
            #expect(try foreign(home.directory.path(name)) == [])
        }
        #expect(try foreign(home.directory.path("backup")).contains("catalog.db"))
        let got = try FileManager.default.attributesOfItem(atPath: home.directory.path("got"))
        #expect(got[.ownerAccountID] as? UInt32 == 0)
        // A store that is restored for somebody is his.
        try FileManager.default.createDirectory(
            atPath: home.directory.path("user"), withIntermediateDirectories: false)
        try give(home.directory.path("user"))
        let restored = StoreLocation(
            store: home.directory.path("user/store"), vaults: home.location.vaults)
        try Store.restore(from: home.directory.path("backup"), to: restored)
        #expect(try foreign(home.directory.path("user")) == [])
    }
}
