import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

/// That a backup or a restore has its directory whole or not at all, whoever else wants it.
@Suite struct StoreBackupClaimTests {
    /// A closed home with a large and a small object, and a backup of it.
    private struct BackedUp {
        let home: TestHome
        let bytes = patternedBytes(70_000)
        var path: String { home.directory.path("backup") }

        init() throws {
            home = try TestHome()
            let (home, bytes) = (home, bytes)
            try home.withStore { store throws in
                try store.put(bytes, as: "large", options: .with())
                try store.put([1, 2, 3], as: "small")
                try store.backup(to: home.directory.path("backup"))
            }
        }

        func location(_ name: String) -> StoreLocation {
            StoreLocation(store: home.directory.path(name), vaults: home.location.vaults)
        }

        func check(_ location: StoreLocation) throws {
            let store = try Store.open(location, options: .fast())
            #expect(try store.get("large") == bytes)
            #expect(try store.verify().findings == [])
            try store.close()
        }

        /// Names of what is aside of something.
        func asides(_ name: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: home.directory.path)
                .filter { $0.hasPrefix("\(name).unfinished-") }
        }
    }

    @Test func `of two restores to one place one makes a whole store`() throws {
        let backedUp = try BackedUp()
        for round in 0..<12 {
            let location = backedUp.location("restored\(round)")
            let codes = Box<[StoreError.Code?]>([])
            try together(2) { _ in
                let code = failure { try Store.restore(from: backedUp.path, to: location) }
                codes.update { $0.append(code) }
            }
            #expect(codes.value.count { $0 == nil } == 1)
            #expect(codes.value.contains(.alreadyExists))
            try backedUp.check(location)
            #expect(try backedUp.asides("restored\(round)").isEmpty)
        }
    }

    @Test func `of two backups to one place one is made, and is whole`() throws {
        let backedUp = try BackedUp()
        let store = try backedUp.home.open()
        for round in 0..<12 {
            let path = backedUp.home.directory.path("again\(round)")
            let codes = Box<[StoreError.Code?]>([])
            try together(2) { _ in
                let code = failure { try store.backup(to: path) }
                codes.update { $0.append(code) }
            }
            #expect(codes.value.count { $0 == nil } == 1)
            #expect(codes.value.contains(.alreadyExists))
            try Store.restore(from: path, to: backedUp.location("of\(round)"))
            try backedUp.check(backedUp.location("of\(round)"))
        }
        try store.close()
    }

    @Test func `what is put beside a restore stays, or is refused`() throws {
        let backedUp = try BackedUp()
        for round in 0..<20 {
            let location = backedUp.location("shared\(round)")
            let hasPut = Box(false)
            try together(2) { thread in
                if thread == 0 {
                    _ = failure { try Store.restore(from: backedUp.path, to: location) }
                    return
                }
                // Before, meanwhile or after.
                usleep(UInt32(round * 400))
                do throws(StoreError) {
                    let store = try Store.open(location, options: .fast())
                    defer { try? store.close() }
                    try store.put([7], as: "new")
                    hasPut.update { $0 = true }
                } catch {}
            }
            guard hasPut.value else { continue }
            let store = try Store.open(location, options: .fast())
            #expect(try store.get("new") == [7])
            #expect(try store.verify().findings == [])
            try store.close()
        }
    }

    @Test func `an empty directory is taken, and nothing else`() throws {
        let backedUp = try BackedUp()
        let directory = backedUp.home.directory
        for (name, isTaken) in [("empty", true), ("full", false)] {
            try FileManager.default.createDirectory(
                atPath: directory.path(name), withIntermediateDirectories: false)
            if !isTaken { try directory.write([1], to: "\(name)/file") }
            let code = failure {
                try Store.restore(from: backedUp.path, to: backedUp.location("\(name)/"))
            }
            #expect(code == (isTaken ? nil : .alreadyExists))
            #expect(try backedUp.asides(name).isEmpty)
        }
        try backedUp.check(backedUp.location("empty"))
        try directory.write([1], to: "file")
        let code = failure { try Store.restore(from: backedUp.path, to: backedUp.location("file")) }
        #expect(code == .alreadyExists)
        #expect(try directory.read("file") == [1])
    }

    @Test func `what was cut short is no store and no backup, and goes with the next`() throws {
        let backedUp = try BackedUp()
        let directory = backedUp.home.directory
        let names = ["next.unfinished-0123456789abcdef", "next.unfinished-fedcba9876543210"]
        for name in names {
            try directory.write([], to: "\(name)/lock")
            try directory.write([1], to: "\(name)/catalog.db.unfinished")
            let code = failure {
                try Store.restore(from: directory.path(name), to: backedUp.location("no"))
            }
            #expect(code == .notFound)
            var options = StoreOptions.fast()
            options.createIfMissing = false
            #expect(failure { try Store.open(backedUp.location(name), options: options) } != nil)
            #expect(!directory.exists("no"))
        }
        // One whose maker lives, and something that only looks like it.
        let lock = try File.open(directory.path("\(names[1])/lock"), .readWrite)
        #expect(try lock.tryLock(offset: 2, byteCount: 1, exclusive: false))
        try directory.write([1], to: "next.unfinished-notes/lock")
        try Store.restore(from: backedUp.path, to: backedUp.location("next"))
        #expect(try backedUp.asides("next").sorted() == [names[1], "next.unfinished-notes"])
        try backedUp.check(backedUp.location("next"))
        withExtendedLifetime(lock) {}
    }

    @Test func `a backup that lacks a blob is told by its own name, and restores nothing`() throws {
        let backedUp = try BackedUp()
        let blob = try #require(backedUp.home.directory.files(below: "backup/blobs").first)
        try FileManager.default.removeItem(atPath: "\(backedUp.path)/blobs/\(blob)")
        let error = thrown {
            try Store.restore(from: backedUp.path, to: backedUp.location("restored"))
        }
        #expect(error?.code == .integrity)
        #expect(error?.message.contains("backup/blobs/\(blob)") == true)
        #expect(error?.message.contains("restored") == false)
        #expect(!backedUp.home.directory.exists("restored"))
        #expect(try backedUp.asides("restored").isEmpty)
    }

    // MARK: Copies and links

    @Test(arguments: [false, true])
    func `a backup shares blobs with the store only if it is to`(linksBlobs: Bool) throws {
        let backedUp = try BackedUp()
        let home = backedUp.home
        try home.withStore { store throws in
            try store.backup(to: home.directory.path("other"), linksBlobs: linksBlobs)
        }
        let blob = try #require(home.directory.files(below: "other/blobs").first)
        let own = try FileSystem.status("\(home.store)/blobs/\(blob)")
        let copy = try FileSystem.status(home.directory.path("other/blobs/\(blob)"))
        #expect((own.inode == copy.inode) == linksBlobs)
        // Nor does what is restored share anything with the backup.
        try Store.restore(
            from: home.directory.path("other"), to: backedUp.location("restored"))
        let restored = try FileSystem.status(home.directory.path("restored/blobs/\(blob)"))
        #expect(restored.inode != copy.inode)
        try backedUp.check(backedUp.location("restored"))
    }
}
