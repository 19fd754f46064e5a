internal import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct ScopeRemovalTests {
    private let scope: ScopeName = "s"

    /// Puts small objects, a large one and a part into the scope, and one object beside it.
    private func fill(_ store: Store) throws {
        try store.createScope(scope)
        try store.put([1], as: "beside")
        for index in 0..<30 {
            try store.put([UInt8(index)], as: ObjectName("d/\(index)"), in: scope)
        }
        try store.put(patternedBytes(100_000), as: "large", in: scope)
        try store.append([1], to: "large", in: scope)
        try store.beginUpload("film", in: scope).put([1], id: "1")
    }

    private func isEmpty(_ home: TestHome) throws -> Bool {
        try home.integer(
            """
            SELECT (SELECT count(*) FROM removed_scopes WHERE vaults <> '' OR emptied = 0) + (SELECT count(*) FROM parts) \
            + (SELECT count(*) FROM extents) + (SELECT count(*) FROM directories) \
            + (SELECT count(*) FROM objects) + (SELECT count(*) FROM wrapped_keys) \
            + (SELECT count(*) FROM blobs)
            """) == 2
    }

    @Test func `a scope is gone with all that is in it, and its name is free`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try fill(store)
        let pin = try store.pin("large", in: scope)
        let removal = try store.removeScope(scope)
        #expect(removal.objectCount == 31 && removal.byteCount == 100_031)
        #expect(removal.confirmation?.isConfirmed == true)
        #expect(failure { try store.get("large", in: scope) } == .notFound)
        #expect(failure { try store.put([1], as: "o", in: scope) } == .notFound)
        #expect(failure { try store.removeScope(scope) } == .notFound)
        #expect(try store.get(pinned: pin.id).count == 100_001)
        try store.createScope(scope)
        #expect(try store.list(in: scope).entries.isEmpty)
        try store.put([2], as: "large", in: scope)
        #expect(try store.get("large", in: scope) == [2])
        #expect(try store.get("beside") == [1])
        #expect(
            try eventually {
                try home.integer(
                    "SELECT count(*) FROM removed_scopes WHERE vaults <> '' OR emptied = 0") == 0
                    && home.files("blobs").count == 3
            })
        #expect(try store.verify().findings == [])
        #expect(failure { try store.removeScope(.pins) } == .notFound)
    }

    @Test func `what a process leaves of a removed scope is removed by the next`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try fill(store)
            // As if the process had died after the removal's one commit.
            let record = try #require(try store.context.catalog.scope(named: scope))
            store.context.catalog.setGarbageHandler {}
            #expect(try store.context.catalog.remove(record))
        }
        #expect(try !isEmpty(home))
        try home.withStore { store throws in
            #expect(failure { try store.get("large", in: scope) } == .notFound)
            #expect(try store.verify().findings == [])
            #expect(try eventually { try isEmpty(home) })
            #expect(try store.verify().findings == [])
            #expect(home.files("blobs").isEmpty)
        }
    }

    @Test func `another process that has the scope open sees that it is gone`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer {
            try? store.close()
            try? other.close()
        }
        try fill(store)
        for _ in 0..<3 { #expect(try other.get("large", in: scope).count == 100_001) }
        try store.removeScope(scope)
        #expect(failure { try other.get("large", in: scope) } == .notFound)
        #expect(failure { try other.put([1], as: "o", in: scope) } == .notFound)
        try store.createScope(scope)
        #expect(failure { try other.get("large", in: scope) } == .notFound)
        try other.put([3], as: "o", in: scope)
        #expect(try store.get("o", in: scope) == [3])
    }

    @Test func `what holds a removed scope puts nothing into the next of its name`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try fill(store)
        let held = try store.registry.scope(named: scope)
        try store.removeScope(scope)
        #expect(
            try eventually {
                try home.integer(
                    "SELECT count(*) FROM removed_scopes WHERE vaults <> '' OR emptied = 0") == 0
            })
        try store.createScope(scope)
        #expect(try store.registry.scope(named: scope).record.rowID != held.record.rowID)
    }

    @Test func `a removal takes no key`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let owner = store.vaults.acting(as: .owner)
        let vault = try owner.create("mine")
        let key = try vault.createKey("master")
        try vault.permit(store.identity)
        try store.createScope(scope, key: key.versionless)
        try store.put([1], as: "o", in: scope)
        try vault.revoke(store.identity)
        #expect(failure { try store.get("o", in: scope) } == .accessDenied)
        #expect(try store.removeScope(scope).objectCount == 1)
        #expect(failure { try store.scope(scope) } == .notFound)
    }

    @Test func `the row of a removed scope that is brought back can't be opened`() throws {
        let home = try TestHome()
        try home.withStore { store in try fill(store) }
        let old = try TestHome(copying: home)
        try home.withStore { store in _ = try store.removeScope(scope) }
        // The catalog of before, with the vaults of now.
        for name in ["catalog.db", "blobs"] {
            try FileManager.default.removeItem(atPath: "\(home.store)/\(name)")
            try FileManager.default.copyItem(
                atPath: "\(old.store)/\(name)", toPath: "\(home.store)/\(name)")
        }
        try home.withStore { store throws in
            #expect(failure { try store.get("large", in: scope) } == .wrongVault)
            #expect(try store.get("beside") == [1])
        }
    }

    @Test func `that a scope was removed is not believed of one that has a row`() throws {
        let home = try TestHome()
        try home.withStore { store in try fill(store) }
        try home.sql(
            "INSERT INTO removed_scopes SELECT id, scope_id, 'default', 0 FROM scopes WHERE name = 's'"
        )
        try home.withStore { store throws in
            try store.put([1], as: "o")
            try store.remove("o")
            NativeThread.sleep(nanoseconds: 100_000_000)
            #expect(try store.get("large", in: scope).count == 100_001)
            #expect(try store.list(in: scope).entries.count == 31)
        }
    }
}
