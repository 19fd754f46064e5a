import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// A store whose files are exchanged for others while it is open: what is put then is not acknowledged.
@Suite struct ReplacedStoreTests {
    /// Puts a copy in the place of a file of the store.
    private func replace(_ name: String, in home: TestHome) throws {
        let store = home.store
        let file = try File.open("\(store)/\(name)")
        let copy = try File.createExclusively("\(store)/copy")
        let byteCount = try file.status().byteCount
        _ = try copy.copyContents(of: file, byteCount: byteCount)
        try Directory.open(store).replace(name, with: "copy")
    }

    @Test(arguments: ["catalog.db", "catalog.db-wal", "catalog.db-shm", "lock"])
    func `a put is not acknowledged, and nothing after it`(name: String) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "before")
        #expect(try store.get("before") == [1])
        try replace(name, in: home)
        let code = failure { try store.put([2], as: "after") }
        #expect(code == .outcomeUnknown || code == .replaced)
        #expect(failure { try store.put([3], as: "later") } == .replaced)
    }

    @Test func `a large put into directories of blobs that were exchanged is not acknowledged`()
        throws
    {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "before")
        let directory = try Directory.open(home.store)
        try directory.rename("blobs", to: "old")
        try directory.makeDirectory("blobs")
        let code = failure { try store.put(patternedBytes(90_000), as: "o", options: .with()) }
        #expect(code == .outcomeUnknown)
    }

    @Test func `a store that is moved away is not written to`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "before")
        try Directory.open(home.directory.path).rename("store", to: "old")
        let code = failure { try store.put([2], as: "after") }
        #expect(code == .outcomeUnknown || code == .replaced)
    }

    @Test func `reads find out within a second or two`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "before")
        #expect(try store.get("before") == [1])
        try replace("catalog.db", in: home)
        #expect(eventually { failure { try store.get("before") } == .replaced })
    }

    @Test func `who opens the store anew goes on with what is there`() throws {
        let home = try TestHome()
        let store = try home.open()
        try store.put([1], as: "before")
        try store.close()
        let second = try home.open()
        #expect(try second.get("before") == [1])
        try replace("catalog.db", in: home)
        #expect(failure { try second.put([2], as: "after") } == .outcomeUnknown)
        try second.close()
        let third = try home.open()
        #expect(try third.get("before") == [1])
        try third.put([2], as: "after")
        try third.close()
    }
}
