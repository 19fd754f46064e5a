internal import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct StoreRepairTests {
    /// What can be read now: objects by scope and name.
    private func readable(_ home: TestHome) throws -> Set<String> {
        guard let store = try? home.open() else { return [] }
        defer { try? store.close() }
        var names: Set<String> = []
        for (scope, name, bytes) in TamperedHome.objects {
            guard let got = try? store.get(name, in: scope) else { continue }
            #expect(got == bytes)
            names.insert("\(scope)/\(name)")
        }
        return names
    }

    private func repair(_ home: TestHome, withKeys: Bool = true) throws -> RepairReport {
        try Store.repair(home.location, options: .fast(), withKeys: withKeys)
    }

    /// Repairs, and sees that nothing is worse, that what isn't left is right, and that a second repair
    /// has nothing to do.
    @discardableResult
    private func expectRepaired(
        _ home: TestHome, withKeys: Bool = true, _ what: String
    ) throws -> RepairReport {
        let before = try readable(home)
        let report = try repair(home, withKeys: withKeys)
        #expect(try readable(home).isSuperset(of: before), "\(what)")
        if withKeys, !report.findings.contains(where: { $0.outcome == .left }) {
            let findings = try home.withStore { store throws in try store.verify().findings }
            #expect(findings == [], "\(what)")
        }
        let second = try repair(home, withKeys: withKeys)
        #expect(second.findings.allSatisfy { $0.outcome == .left }, "\(what): \(second)")
        #expect(second.lostAndFoundPath == nil, "\(what)")
        return report
    }

    @Test func `a sound store is not changed`() throws {
        let home = try TamperedHome().home
        // The shards that tests leave out are made.
        #expect(try repair(home).findings.map(\.outcome) == [.mended])
        let before = home.directory.files(below: "store")
        #expect(try repair(home) == RepairReport())
        #expect(try repair(home, withKeys: false) == RepairReport())
        #expect(home.directory.files(below: "store") == before)
        #expect(try readable(home).count == TamperedHome.objects.count)
    }

    @Test(arguments: [
        "UPDATE objects SET byte_count = -1 WHERE id = 3",
        "UPDATE objects SET codec = 7 WHERE id = 1",
        "UPDATE objects SET wrapped_key = 99999 WHERE id = 2",
        "UPDATE objects SET document = x'' WHERE id = 4",
        "UPDATE objects SET tag = randomblob(16) WHERE id = 4",
        "UPDATE objects SET commitment = randomblob(32) WHERE id = 5",
        "UPDATE objects SET object_id = x'00' WHERE id = 1", "UPDATE objects SET id = -id",
        "UPDATE wrapped_keys SET wrapped = zeroblob(256) WHERE id = 1",
        "UPDATE wrapped_keys SET objects = 9, bytes = 9, scope = 9",
        "UPDATE blobs SET refs = 0", "UPDATE blobs SET file = randomblob(16)", "DELETE FROM blobs",
        "UPDATE objects SET blob = 99999 WHERE blob IS NOT NULL",
        "UPDATE objects SET blob = id WHERE blob IS NULL", "DELETE FROM census",
        "UPDATE census SET objects = 77", "DELETE FROM directories",
        "UPDATE directories SET document = randomblob(40)",
        "UPDATE directories SET tag = x'00' WHERE id = 1",
        "UPDATE scopes SET code = randomblob(32) WHERE name = 'other'",
        "UPDATE scopes SET rewrap = 9 WHERE name = 'other'",
        "DELETE FROM scopes WHERE name = 'other'",
        "UPDATE keys SET identifier = 'x'", "DELETE FROM keys", "DELETE FROM objects WHERE id = 1",
        "PRAGMA application_id = 7", "PRAGMA user_version = 9", "UPDATE store SET format = 9",
    ])
    func `what was altered is mended, moved or left, and nothing gets worse`(sql: String) throws {
        let home = try TamperedHome().home
        try home.sql(sql)
        let report = try expectRepaired(home, sql)
        #expect(!report.findings.isEmpty)
    }

    @Test func `counts, references and directories come back whole`() throws {
        let home = try TamperedHome().home
        try home.sql(
            "UPDATE wrapped_keys SET objects = 9, bytes = 9", "DELETE FROM census",
            "DELETE FROM blobs", "DELETE FROM directories")
        let report = try expectRepaired(home, "counts")
        #expect(Set(report.findings.map(\.outcome)) == [.mended])
        #expect(try readable(home).count == TamperedHome.objects.count)
        try home.withStore { store throws in
            #expect(try store.list().entries.count == TamperedHome.objects.count - 1)
        }
    }

    @Test func `a damaged catalog is rebuilt, and what it was is kept`() throws {
        let sound = try TamperedHome().home
        let pageCount = try sound.directory.read("store/catalog.db").count / 4096
        for page in stride(from: 0, to: pageCount, by: 3) {
            let home = try TamperedHome().home
            var bytes = try home.directory.read("store/catalog.db")
            for place in page * 4096..<(page + 1) * 4096 { bytes[place] = UInt8(place % 251) }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(home.store)/catalog.db"))
            do {
                let report = try expectRepaired(home, "page \(page)")
                guard report.findings.contains(where: { $0.subject == "catalog" }),
                    let path = report.lostAndFoundPath
                else { continue }
                let kept = try Data(contentsOf: URL(fileURLWithPath: "\(path)/catalog.db"))
                #expect([UInt8](kept) == bytes)
            } catch let error as StoreError {
                // Where the store's own row was.
                #expect(error.code == .damagedCatalog)
                #expect(try home.directory.read("store/catalog.db") == bytes)
            }
        }
    }

    @Test func `a header of nonsense, and indices of nonsense, cost no object`() throws {
        let home = try TamperedHome().home
        var bytes = try home.directory.read("store/catalog.db")
        for place in 0..<100 { bytes[place] = 0xee }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(home.store)/catalog.db"))
        #expect(try readable(home).isEmpty)
        try expectRepaired(home, "header")
        #expect(try readable(home).count == TamperedHome.objects.count)
    }

    @Test func `a catalog that is rebuilt has its pins`() throws {
        let home = try TamperedHome().home
        let pin = try home.withStore { store throws in try store.pin("text") }
        var bytes = try home.directory.read("store/catalog.db")
        for place in 0..<100 { bytes[place] = 0xee }
        try home.directory.write(bytes, to: "store/catalog.db")
        try expectRepaired(home, "header")
        try home.withStore { store throws in
            #expect(try store.pins().map(\.id) == [pin.id])
            #expect(try store.get(pinned: pin.id) == TamperedHome.text)
        }
    }

    @Test func `a row of no table that is known is kept where a catalog is rebuilt`() throws {
        let home = try TamperedHome().home
        try home.sql(
            "CREATE TABLE later (a INTEGER PRIMARY KEY, b, c, d, e, f, g, h)",
            "INSERT INTO later VALUES (1, 'kept', x'00ff', NULL, 5, 6, 7, 8)")
        let report = try repair(home)
        let directory = try #require(report.lostAndFoundPath)
        let rows = try String(contentsOfFile: "\(directory)/rows.sql", encoding: .utf8)
        #expect(rows.contains("x'00ff'"))
        #expect(try readable(home).count == TamperedHome.objects.count)
    }

    @Test func `what can't be read whole is moved, sealed as it is, and named to the caller alone`()
        throws
    {
        let tampered = try TamperedHome()
        let home = tampered.home
        let path = try tampered.blobPath("raw")
        var bytes = try home.directory.read(path)
        bytes[5000] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: home.directory.path(path)))
        let keyless = try repair(home, withKeys: false)
        #expect(keyless.findings.allSatisfy { $0.outcome == .mended })
        let report = try expectRepaired(home, "raw")
        #expect(report.findings.map(\.subject) == ["raw"])
        #expect(report.findings.map(\.outcome) == [.moved])
        let directory = try #require(report.lostAndFoundPath)
        let id = String(try #require(path.split(separator: "/").last))
        #expect(
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(id)"))) == bytes)
        #expect(!home.directory.exists(path))
        #expect(
            failure { try home.withStore { store throws in try store.get("raw") } } == .notFound)
        for name in ["report.txt", "rows.sql"] {
            let file = "\(directory)/\(name)"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains(name == "rows.sql" ? "INSERT INTO objects VALUES" : id))
            #expect(!text.contains("raw"))
            #expect(try FileSystem.status(file).mode == 0o600)
        }
        #expect(try FileSystem.status(directory).mode == 0o700)
    }

    @Test func `a blob that is gone takes its object along, and one that nothing names is moved`()
        throws
    {
        let tampered = try TamperedHome()
        let path = try tampered.blobPath("twin")
        try FileManager.default.removeItem(atPath: tampered.home.directory.path(path))
        let stray = "store/blobs/ab/ab" + String(repeating: "0", count: 30)
        try tampered.home.directory.write([1, 2, 3], to: stray)
        try tampered.home.directory.write([1], to: "store/blobs/ab/stranger")
        let report = try expectRepaired(tampered.home, withKeys: false, "twin")
        #expect(report.findings.count { $0.outcome == .moved } == 2)
        #expect(!tampered.home.directory.exists(stray))
        #expect(tampered.home.directory.exists("store/blobs/ab/stranger"))
        #expect(try readable(tampered.home).count == TamperedHome.objects.count - 1)
    }

    @Test func `a store is repaired by one, and by nobody who isn't alone with it`() throws {
        let home = try TamperedHome().home
        let store = try home.open()
        #expect(failure { try repair(home) } == .busy)
        try store.close()
        _ = try repair(home)
        let files = try StoreFiles(home.store, create: false, toRepair: true)
        #expect(failure { try home.open() } == .busy)
        #expect(failure { try repair(home) } == .busy)
        withExtendedLifetime(files) {}
    }

    @Test func `a repair that was cut short is gone on with`() throws {
        let home = try TamperedHome().home
        let catalog = try home.directory.read("store/catalog.db")
        try home.directory.write(catalog, to: "store/catalog.db.repaired")
        try home.directory.write([1, 2, 3], to: "store/catalog.db")
        #expect(failure { try home.open() } == .damagedCatalog)
        let report = try expectRepaired(home, "cut short")
        #expect(try readable(home).count == TamperedHome.objects.count)
        let directory = try #require(report.lostAndFoundPath)
        #expect(
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory)/catalog.db")))
                == [1, 2, 3])
    }

    /// A look-up by name reads the tag in the index, so the object can be read; its row alone wouldn't tell.
    @Test func `a tag that is damaged in a row, and not in the index, is taken from that`() throws {
        let home = try TamperedHome().home
        try home.flipBit(ofTagOf: "small")
        try home.withStore { store throws in
            #expect(try store.get("small") == TamperedHome.small)
        }
        let report = try expectRepaired(home, "a tag")
        #expect(
            report.findings.contains {
                $0.problem == "its tag was damaged" && $0.outcome == .mended
            })
        #expect(try readable(home).count == TamperedHome.objects.count)
    }

    @Test func `what is no store, what is newer and what is beyond repair is left as it is`() throws
    {
        let home = try TamperedHome().home
        #expect(
            failure { try Store.repair(StoreLocation(home: "\(home.store)/no")) } == .notFound)
        try home.sql("PRAGMA user_version = 3", "UPDATE store SET format = 3")
        #expect(failure { try repair(home) } == .newerVersion)
        try home.sql("PRAGMA user_version = 2", "DELETE FROM store")
        #expect(failure { try repair(home) } == .damagedCatalog)
        try Data().write(to: URL(fileURLWithPath: "\(home.store)/catalog.db"))
        #expect(failure { try home.open() } == .damagedCatalog)
        #expect(failure { try repair(home) } == .damagedCatalog)
        #expect(!home.directory.exists("store/lost+found"))
    }

    /// SQLite takes a file of one byte for an empty one, too, and removes the log of that.
    @Test(arguments: [0, 1])
    func `a log stays where its catalog has lost its bytes`(byteCount: Int) throws {
        let home = try TamperedHome().home
        let log = patternedBytes(5000, seed: 3)
        try home.directory.write([UInt8](repeating: 9, count: byteCount), to: "store/catalog.db")
        try home.directory.write(log, to: "store/catalog.db-wal")
        #expect(failure { try home.open() } == .damagedCatalog)
        #expect(failure { try repair(home) } == .damagedCatalog)
        #expect(try home.directory.read("store/catalog.db-wal") == log)
    }

    /// SQLite refuses a page the first time that it comes by, and not the second.
    @Test func `one damaged row costs none that lies in its page`() throws {
        let home = try TamperedHome().home
        var bytes = try home.directory.read("store/catalog.db")
        let connection = try Connection(path: "\(home.store)/catalog.db", mode: .readOnly)
        let root = try connection.prepare(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'wrapped_keys'")
        #expect(try root.step())
        let page = Int(root.int(0) - 1) * 4096
        let hurt = try connection.prepare(
            "SELECT count(*) FROM objects WHERE wrapped_key = (SELECT max(id) FROM wrapped_keys)")
        #expect(try hurt.step())
        let hurtCount = Int(hurt.int(0))
        connection.close()
        #expect(bytes[page] == 13 && bytes[page + 4] > 1)
        let last = page + 8 + 2 * (Int(bytes[page + 4]) - 1)
        let cell = page + Int(bytes[last]) << 8 + Int(bytes[last + 1])
        // A record of 4,000 bytes, which reaches over the page's end.
        (bytes[cell], bytes[cell + 1]) = (0x9f, 0x20)
        try home.directory.write(bytes, to: "store/catalog.db")
        try expectRepaired(home, "a cell of nonsense")
        #expect(try readable(home).count == TamperedHome.objects.count - hurtCount)
    }

    @Test func `without its vaults, a store's content is left as it is`() throws {
        let home = try TamperedHome().home
        try FileSystem.remove(tree: home.location.vaults)
        let report = try repair(home)
        #expect(Set(report.findings.map(\.outcome)) == [.mended, .left])
        #expect(report.lostAndFoundPath == nil)
    }

    @Test func `a new scope doesn't take the objects of one whose row was lost`() throws {
        let home = try TamperedHome().home
        try home.directory.write([], to: "kept.db")
        let kept = "ATTACH '\(home.directory.path("kept.db"))' AS kept"
        try home.sql(
            "\(kept); CREATE TABLE kept.kept AS SELECT * FROM scopes; DELETE FROM scopes")
        let report = try expectRepaired(home, "scopes")
        #expect(report.findings.contains { $0.outcome == .left })
        #expect(!report.findings.contains { $0.outcome == .moved })
        try home.withStore { store throws in
            // Nothing is made in silence: the objects there are may be its own.
            #expect(failure { try store.put([1], as: "new") } == .damagedCatalog)
            #expect(failure { try store.list() } == .damagedCatalog)
            #expect(failure { try store.get("raw") } == .damagedCatalog)
            try store.createScope(.default)
            try store.put([1], as: "new")
            #expect(try store.list().entries.count == 1)
            try store.createScope("other")
            #expect(try store.list(in: "other").entries.isEmpty)
        }
        // Once the rows are back, so is everything.
        try home.sql(
            """
            \(kept); DELETE FROM objects WHERE scope IN (SELECT id FROM scopes);
            DELETE FROM scopes; INSERT INTO scopes SELECT * FROM kept
            """)
        #expect(try readable(home).count == TamperedHome.objects.count)
    }

    // MARK: Counts that nothing authenticates

    @Test func `a count that lies takes no blob and no key from those who need it`() throws {
        let home = try TamperedHome().home
        try home.sql("UPDATE blobs SET refs = 0", "UPDATE wrapped_keys SET objects = 1, bytes = 0")
        let reads: [(ScopeName, ObjectName, [UInt8])] = TamperedHome.objects.filter {
            $0.1 != "small" && $0.1 != "twin"
        }
        for _ in 0..<2 {
            try home.withStore { store throws in
                // The one shares its data key, the other leaves garbage to be reaped.
                try? store.remove("small")
                try? store.remove("twin")
                store.forgetObjectKeys()
                for (scope, name, bytes) in reads {
                    #expect(try store.get(name, in: scope) == bytes)
                }
            }
        }
    }

    @Test func `rows with negative ids, and of no scope, are verified`() throws {
        let tampered = try TamperedHome()
        try tampered.home.sql(
            "UPDATE objects SET id = -id, data = zeroblob(length(data)) WHERE id = 4")
        try tampered.home.withStore { store throws in
            #expect(try store.verify().findings.count == 1)
            #expect(try store.verify().objectCount == TamperedHome.objects.count)
            #expect(try store.objectIDs().count == TamperedHome.objects.count - 1)
        }
        try tampered.home.sql("UPDATE scopes SET id = 77 WHERE name = 'other'")
        try tampered.home.withStore { store throws in
            #expect(try store.verifyWithoutKeys().findings.contains { $0.subject == "catalog" })
        }
    }

    @Test func `a key identifier in another spelling is refused`() throws {
        let home = try TamperedHome().home
        try home.sql("UPDATE scopes SET key_setting = upper(key_setting)")
        #expect(
            failure { try home.withStore { store throws in try store.get("raw") } } == .integrity)
    }
}

extension TestHome {
    /// Flips a bit of a tag in the object's row; the index on tags keeps it as it was.
    fileprivate func flipBit(ofTagOf name: ObjectName) throws {
        let tag = try withStore { store throws in
            try store.finder.find(name, in: .default).row.tag
        }
        try sql("PRAGMA wal_checkpoint(TRUNCATE)")
        var bytes = try directory.read("store/catalog.db")
        let places = bytes.indices.filter { bytes[$0...].starts(with: tag) }
        // Of the two, the row's is followed by the tag of its directory, the index's by a row id.
        let directoryTag = try withStore { store throws in
            try store.finder.find(name, in: .default).row.directory
        }
        let own = places.filter { bytes[($0 + 16)...].starts(with: directoryTag) }
        try #require(places.count == 2 && own.count == 1)
        bytes[own[0]] ^= 0x10
        try directory.write(bytes, to: "store/catalog.db")
    }
}
