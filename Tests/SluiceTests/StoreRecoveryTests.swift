import Foundation
import Sluice
import TestSupport
import Testing

/// What an opening makes of puts that were cut short, where the log of the catalog has more than anybody sees.
@Suite struct StoreRecoveryTests {
    /// A home that is open in `store`, with a large object `o`, and what the COMMIT of a put over it leaves
    /// whose sync fails: the blob, its link in `staging`, and frames behind the end of the log that others see.
    private struct Failed {
        let home: TestHome
        let store: Store
        let old = patternedBytes(70_000, seed: 1)
        let new = patternedBytes(70_000, seed: 2)

        init() throws {
            home = try TestHome()
            store = try home.open()
            try store.put(old, as: "o", options: .with())
            let files = FileManager.default
            let copy = StoreLocation(
                store: home.directory.path("copy"), vaults: home.location.vaults)
            try files.copyItem(atPath: home.store, toPath: copy.store)
            for name in ["lock", "catalog.db-shm"] {
                try files.removeItem(atPath: "\(copy.store)/\(name)")
            }
            let before = home.directory.files(below: "store/blobs")
            let other = try Store.open(copy, options: .fast())
            try other.put(new, as: "o", options: .with())
            // Both logs begin with the same frames.
            let log = try home.directory.read("copy/catalog.db-wal")
            let own = try home.directory.read("store/catalog.db-wal")
            try #require(log.count > own.count && log.prefix(own.count) == own[...])
            let blob = try #require(
                home.directory.files(below: "copy/blobs").first { !before.contains($0) })
            let handle = try #require(
                FileHandle(forWritingAtPath: "\(home.store)/catalog.db-wal"))
            defer { try? handle.close() }
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(log[own.count...]))
            try files.copyItem(
                atPath: "\(copy.store)/blobs/\(blob)", toPath: "\(home.store)/blobs/\(blob)")
            let name = String(blob.suffix(32))
            try files.linkItem(
                atPath: "\(home.store)/blobs/\(blob)", toPath: "\(home.store)/staging/\(name)")
            try other.close()
        }

        /// Opens what is on the disk when all processes have died.
        func crash() throws -> Store {
            let crashed = StoreLocation(
                store: home.directory.path("crashed"), vaults: home.location.vaults)
            try FileManager.default.copyItem(atPath: home.store, toPath: crashed.store)
            for name in ["lock", "catalog.db-shm"] {
                try FileManager.default.removeItem(atPath: "\(crashed.store)/\(name)")
            }
            return try Store.open(crashed, options: .fast())
        }
    }

    @Test func `a commit whose sync failed takes effect or not, as a whole`() throws {
        let failed = try Failed()
        #expect(try failed.store.get("o") == failed.old)
        let store = try failed.crash()
        #expect(try store.get("o") == failed.new)
        #expect(try store.verify().findings == [])
        try store.close()
    }

    @Test func `what somebody removes who opens the store then is named by no row that returns`()
        throws
    {
        let failed = try Failed()
        let second = try failed.home.open()
        #expect(failed.home.files("staging").isEmpty)
        #expect(failed.home.files("blobs").count == 1)
        let store = try failed.crash()
        #expect(try store.get("o") == failed.old)
        #expect(try store.verify().findings == [])
        for each in [store, second, failed.store] { try each.close() }
    }

    @Test func `what is no put's in staging keeps nobody from the store`() throws {
        let home = try TestHome()
        let store = try home.open()
        try store.put([1, 2, 3], as: "o")
        try store.close()
        let staging = "\(home.store)/staging"
        let files = FileManager.default
        let directory = "\(staging)/" + String(repeating: "0a", count: 16)
        try files.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try home.directory.link(
            "store/staging/" + String(repeating: "0b", count: 16), to: "/nowhere")
        let again = try home.open()
        #expect(try again.get("o") == [1, 2, 3])
        #expect(try again.verifyWithoutKeys().findings == [])
        try again.close()
        #expect(files.fileExists(atPath: directory))
        _ = try Store.repair(home.location, options: .fast())
    }
}
