import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// A catalog that is rebuilt from a damaged one doesn't know which blobs objects of extents need, until their tables
/// have been opened.
@Suite struct SalvagedExtentsTests {
    private static let whole = patternedBytes(70_001, seed: 1) + patternedBytes(80_000, seed: 2)

    /// A home whose store has an object of extents, a copy that shares its blobs, and a damaged catalog.
    private func damagedHome() throws -> TestHome {
        let home = try TestHome()
        try home.withStore { store throws in
            let upload = try store.beginUpload("film")
            try upload.put(Array(Self.whole[..<70_001]), id: "1")
            try upload.put(Array(Self.whole[70_001...]), id: "2")
            try upload.commit(["1", "2"])
            try store.copy("film", to: "copy")
            try store.createScope("gone")
            _ = try store.removeScope("gone")
        }
        try home.damageCatalogHeader()
        return home
    }

    private func repair(_ home: TestHome, withKeys: Bool) throws -> RepairReport {
        try Store.repair(home.location, options: .fast(), withKeys: withKeys)
    }

    @Test func `without keys no blob is removed and no backup made, and both are again with them`()
        throws
    {
        let home = try damagedHome()
        let first = try repair(home, withKeys: false)
        #expect(first.findings.contains { $0.subject == "blobs" && $0.outcome == .left })
        try home.withStore { store throws in
            // The blobs of its extents are the other's as well, and no row says so.
            try store.remove("film")
            #expect(
                failure { try store.backup(to: home.directory.path("backup")) } == .damagedCatalog)
            #expect(try store.status().garbageCount == 0)
        }
        try home.withStore { store throws in #expect(try store.get("copy") == Self.whole) }
        #expect(home.files("blobs").count == 4)
        let second = try repair(home, withKeys: true)
        #expect(!second.findings.contains { $0.outcome == .left })
        try home.withStore { store throws in
            #expect(try store.get("copy") == Self.whole)
            #expect(try store.verify().findings == [])
            try store.backup(to: home.directory.path("backup"))
            // Three, once the table that was removed is gone.
            #expect(eventually { home.files("blobs").count == 3 })
            try store.remove("copy")
            #expect(eventually { home.files("blobs").isEmpty })
        }
    }

    @Test func `while a scope's key is refused, nothing is taken for garbage`() throws {
        let home = try TestHome()
        func setEnabled(_ isEnabled: Bool) throws {
            try home.withStore { store throws in
                _ = try store.vaults.acting(as: .owner).updateKey(
                    KeyIdentifier(vault: "mine", name: "key"), KeyChanges(isEnabled: isEnabled))
            }
        }
        try home.withStore { store throws in
            let vaults = store.vaults.acting(as: .owner)
            let vault = try vaults.create("mine")
            try vault.permit(store.identity)
            try store.createScope("theirs", key: vault.createKey("key").versionless)
            try store.put(Self.whole, as: "film", in: "theirs")
            try store.append([1], to: "film", in: "theirs")
        }
        try setEnabled(false)
        try home.damageCatalogHeader()
        _ = try repair(home, withKeys: true)
        #expect(try home.integer("SELECT count(*) FROM uncounted_extents") == 1)
        try setEnabled(true)
        _ = try repair(home, withKeys: true)
        #expect(try home.integer("SELECT count(*) FROM uncounted_extents") == 0)
        try home.withStore { store throws in
            #expect(try store.get("film", in: "theirs") == Self.whole + [1])
            #expect(try store.verify(in: "theirs").findings == [])
        }
    }

    @Test func `a scope that is being removed is still being removed`() throws {
        let home = try damagedHome()
        _ = try repair(home, withKeys: false)
        #expect(try home.integer("SELECT count(*) FROM removed_scopes") == 1)
        #expect(try repair(home, withKeys: true).findings.allSatisfy { $0.outcome != .left })
        #expect(try home.integer("SELECT count(*) FROM removed_scopes") == 1)
    }
}
