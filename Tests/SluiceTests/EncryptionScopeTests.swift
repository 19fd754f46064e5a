internal import Foundation
import Sluice
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// Objects that are sealed for another scope than the one that has their names: here the scope `box`, under the platform's
/// key, has names, and the default scope, under a customer's key, seals.
@Suite struct EncryptionScopeTests {
    private let box: ScopeName = "box"
    private let small = patternedBytes(5000, seed: 1)
    private let large = patternedBytes(90_000, seed: 2)

    private func sealing(_ scope: ScopeName = .default) -> PutOptions {
        var options = PutOptions.with()
        options.encryptionScope = scope
        options.metadata = ["who": "me"]
        return options
    }

    /// Puts a small and a large object, one of extents, and one of parts.
    private func fill(_ store: Store) throws -> Customer {
        let customer = try Customer(store)
        try store.createScope(box)
        try store.put(small, as: "d/small", in: box, options: sealing())
        try store.put(large, as: "d/large", in: box, options: sealing())
        try store.put(large, as: "d/more", in: box, options: sealing())
        try store.append([1, 2, 3], to: "d/more", in: box)
        let upload = try store.beginUpload("d/parts", in: box, options: sealing())
        try upload.put(large, id: "1")
        try upload.put(small, id: "2")
        try upload.commit(["2", "1"])
        return customer
    }

    private func check(_ store: Store) throws {
        #expect(try store.get("d/small", in: box) == small)
        #expect(try store.get("d/large", in: box) == large)
        #expect(try store.get("d/more", in: box) == large + [1, 2, 3])
        #expect(try store.get("d/parts", in: box) == small + large)
    }

    @Test func `they are read, listed and counted, by other processes too`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try fill(store)
        for _ in 0..<2 { for store in [store, other] { try check(store) } }
        for name: ObjectName in ["d/small", "d/more", "d/parts"] {
            let info = try other.info(name, in: box)
            #expect(info.metadata == ["who": "me"] && info.encryptionScope == .default)
            #expect(info.keyIdentifier == customer.first && !info.isMetadataSealed)
        }
        for case .object(let info) in try other.list(in: box).entries {
            #expect(info.metadata.isEmpty && info.isMetadataSealed)
            #expect(info.encryptionScope == .default)
        }
        #expect(try customer.census == [customer.first: 4])
        #expect(try store.scope(box).census.isEmpty)
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: RevocationKind.allCases)
    func `without the key that seals, names are listed, changed and removed, and nothing is read`(
        kind: RevocationKind
    ) throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try fill(store)
        for store in [store, other] { try check(store) }
        let held = try other.open("d/large", in: box)
        try kind.revoke(customer)
        for store in [store, other] {
            for name: ObjectName in ["d/small", "d/large", "d/more", "d/parts"] {
                #expect(failure { try store.get(name, in: box) } == .accessDenied)
                #expect(failure { try store.info(name, in: box) } == .accessDenied)
                #expect(failure { try store.pin(name, in: box) } == .accessDenied)
            }
            #expect(
                failure { try store.copy("d/small", to: "d/copy", in: box) } == .accessDenied)
            #expect(failure { try store.append([1], to: "d/more", in: box) } == .accessDenied)
            #expect(
                failure { try store.put(small, as: "n", in: box, options: sealing()) }
                    == .accessDenied)
            #expect(
                try store.list(in: box).entries.map(\.name) == [
                    "d/large", "d/more", "d/parts", "d/small",
                ])
            #expect(try store.verify().findings.count == 5)
        }
        #expect(failure { try held.read() } == .accessDenied)
        // The key that has the names goes on.
        try store.put(small, as: "own", in: box)
        #expect(try other.get("own", in: box) == small)
        try other.rename("d/small", to: "d/renamed", in: box)
        try store.remove("d/parts", in: box)
        #expect(
            failure {
                try store.update("d/large", in: box) { $0.properties.tags = ["a": "b"] }
            } == .accessDenied)
        try kind.restore(customer)
        for store in [store, other] {
            #expect(try store.get("d/renamed", in: box) == small)
            #expect(try store.get("d/more", in: box) == large + [1, 2, 3])
        }
        #expect(try held.read() == large)
        #expect(try store.verify().findings == [])
    }

    @Test func `a read that is under way ends with the key that seals`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try fill(store)
        let sink = RevokingSink { try customer.disable(customer.first) }
        #expect(failure { try other.get("d/large", in: box, to: sink) } == .accessDenied)
        #expect(sink.byteCount.value == 4096)
    }

    @Test func `without the key that has the names, nothing is told and nothing is read`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.createScope("plain")
        try store.put(small, as: "o", in: .default, options: sealing("plain"))
        #expect(try store.get("o") == small)
        try customer.disable(customer.first)
        #expect(failure { try store.get("o") } == .accessDenied)
        #expect(failure { try store.list() } == .accessDenied)
        try customer.enable(customer.first)
        #expect(try store.get("o") == small)
    }

    @Test func `a rotation takes up what is sealed for the scope, wherever its name is`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try fill(store)
        try check(other)
        let second = try customer.rotate()
        try check(other)
        try other.put(small, as: "d/late", in: box, options: sealing())
        #expect(try other.info("d/late", in: box).keyIdentifier == second)
        #expect(try store.rewrap().objectCount == 4)
        #expect(try customer.census == [second: 5])
        try customer.disable(customer.first)
        for store in [store, other] { try check(store) }
        try customer.disable(second)
        for store in [store, other] {
            #expect(failure { try store.get("d/small", in: box) } == .accessDenied)
        }
    }

    @Test func `a read rewraps what is under an older version, if the sealing scope says so`()
        throws
    {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        try store.updateScope(.default, rewrapMode: .onRead)
        let second = try customer.rotate()
        try check(store)
        store.readRewrapper.drain()
        #expect(try customer.census == [second: 4])
    }

    @Test func `a scope isn't removed while objects of others are sealed for it`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        try store.put(small, as: "own")
        #expect(failure { try store.removeScope(.default) } == .stillNeeded)
        try check(store)
        let removal = try store.removeScope(box)
        #expect(removal.objectCount == 4)
        #expect(try eventually { try customer.census == [customer.first: 1] })
        try store.removeScope(.default)
        #expect(eventually { home.files("blobs").isEmpty })
        #expect(try store.verify().findings == [])
    }

    @Test func `a copy moves to another encryption scope, and to another scope`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        try store.createScope("other")
        let count = home.files("blobs").count
        try store.copy("d/large", to: "moved", in: box, encryptionScope: "other")
        try store.copy("d/large", to: "moved", in: box, toScope: "other", encryptionScope: "other")
        try store.copy("d/small", to: "little", in: box, toScope: "other")
        // Tables of extents; the bytes are shared.
        #expect(home.files("blobs").count == count + 2)
        #expect(try store.info("moved", in: box).encryptionScope == "other")
        #expect(try store.info("moved", in: "other").encryptionScope == nil)
        #expect(try store.info("little", in: "other").encryptionScope == .default)
        try customer.disable(customer.first)
        #expect(try store.get("moved", in: box) == large)
        #expect(try store.get("moved", in: "other") == large)
        #expect(failure { try store.get("little", in: "other") } == .accessDenied)
        try store.removeScope(box)
        #expect(try store.get("moved", in: "other") == large)
    }

    @Test func `another scope in the row, or none, is noticed`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            _ = try fill(store)
            try store.createScope("other")
        }
        for value in ["NULL", "(SELECT id FROM scopes WHERE name = 'other')", "4711", "'x'"] {
            let altered = try TestHome(copying: home)
            try altered.sql("UPDATE objects SET encryption = \(value)")
            try altered.withStore { store throws in
                for name: ObjectName in ["d/small", "d/large", "d/more", "d/parts"] {
                    #expect(failure { try store.get(name, in: box) } == .integrity, "\(value)")
                }
            }
        }
    }

    @Test func `a repair leads rows to the scope that they are sealed for`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try fill(store) }
        try home.sql("UPDATE objects SET encryption = NULL")
        let report = try Store.repair(home.location, options: .fast(), withKeys: true)
        #expect(report.findings.allSatisfy { $0.outcome == .mended })
        try home.withStore { store throws in
            try check(store)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `versions, updates and removals keep the scope that they are sealed for`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        let snapshot = try store.snapshot("d/small", in: box)
        let updated = try store.update("d/small", in: box) { $0.metadata["more"] = "yes" }
        #expect(updated.metadata == ["who": "me", "more": "yes"])
        #expect(try store.info(snapshot.name, in: box).metadata == ["who": "me"])
        #expect(try store.get(snapshot.name, in: box) == small)
        try store.write([9], to: "d/small", at: 0, in: box)
        #expect(try store.get("d/small", in: box) == [9] + small.dropFirst())
        #expect(try store.info("d/small", in: box).encryptionScope == .default)
        #expect(try customer.census == [customer.first: 5])
        try store.remove("d/small", in: box)
        #expect(try customer.census == [customer.first: 4])
        #expect(try store.verify().findings == [])
    }

    @Test func `parts are put for the scope that the object is sealed for`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        let upload = try store.beginUpload("film", in: box, options: sealing())
        try upload.put(small, id: "1")
        let plain = try store.beginUpload("film", in: box)
        #expect(failure { try plain.commit(["1"]) } == .invalidArgument)
        try customer.disable(customer.first)
        #expect(try upload.parts().map(\.byteCount) == [5000])
        #expect(failure { try upload.commit(["1"]) } == .accessDenied)
        #expect(failure { try upload.put(small, id: "2") } == .accessDenied)
        try customer.enable(customer.first)
        try upload.commit(["1"])
        #expect(try store.get("film", in: box) == small)
    }

    @Test func `parts don't keep the scope that they are sealed for`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.createScope(box)
        try store.createScope("other")
        try store.beginUpload("film", in: box, options: sealing("other")).put(small, id: "1")
        try store.removeScope("other")
        #expect(eventually { home.files("blobs").isEmpty })
        #expect(try store.verify().findings == [])
    }

    @Test func `metadata are sealed for the scope that the bytes are, whatever the row says`()
        throws
    {
        let home = try TestHome()
        var plain = sealing()
        plain.metadata = [:]
        try home.withStore { store throws in
            _ = try Customer(store)
            try store.createScope(box)
            try store.put(small, as: "o", in: box, options: plain)
        }
        try home.sql("UPDATE objects SET encryption = NULL")
        try home.withStore { store throws in
            #expect(
                failure { try store.update("o", in: box) { $0.metadata["secret"] = "1" } }
                    == .integrity)
        }
    }

    @Test func `a scope that was lost damages nothing that is sealed for it`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try fill(store) }
        try home.sql("DELETE FROM scopes WHERE name = 'default'")
        let rows = try home.integer("SELECT count(*) FROM objects WHERE metadata IS NOT NULL")
        let report = try Store.repair(home.location, options: .fast(), withKeys: true)
        #expect(report.findings.contains { $0.outcome == .left })
        #expect(
            try home.integer("SELECT count(*) FROM objects WHERE metadata IS NOT NULL") == rows)
        #expect(home.files("blobs").count >= 5)
    }

    @Test func `a pin of one is read whatever becomes of the key`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try fill(store)
        let pin = try store.pin("d/large", in: box)
        #expect(pin.object.metadata == ["who": "me"])
        try customer.disable(customer.first)
        #expect(try store.get(pinned: pin.id) == large)
    }

    @Test func `a repair, and a backup that is restored, have them as they were`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try fill(store) }
        try home.sql("UPDATE census SET objects = objects + 1")
        try home.sql("UPDATE wrapped_keys SET objects = objects + 1")
        let report = try Store.repair(home.location, options: .fast(), withKeys: true)
        #expect(report.findings.allSatisfy { $0.outcome == .mended })
        try home.withStore { store throws in
            try check(store)
            #expect(try store.verify().findings == [])
        }
    }
}

/// Takes access away while it takes its first bytes.
private final class RevokingSink: ByteSink {
    let byteCount = Box(0)
    private let revocation = Box<(any Error)?>(nil)
    private let revoke: @Sendable () throws -> Void

    init(_ revoke: @escaping @Sendable () throws -> Void) {
        self.revoke = revoke
    }

    func write(_ bytes: Span<UInt8>) throws {
        let isFirst = byteCount.value == 0
        byteCount.update { $0 += bytes.count }
        guard isFirst else { return }
        // Its confirmation waits for this read, which is in its release.
        Thread.detachNewThread { [self] in
            do { try revoke() } catch { revocation.update { $0 = error } }
        }
        Thread.sleep(forTimeInterval: 0.5)
    }
}
