import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What somebody who writes the catalog's file can put into its schema.
@Suite(.timeLimit(.minutes(2))) struct CatalogSchemaTests {
    private static let endless = """
        (WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r)
        """

    static let plants = [
        "CREATE TRIGGER g BEFORE INSERT ON objects BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE UPDATE ON objects BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE DELETE ON objects BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g AFTER INSERT ON objects BEGIN DELETE FROM objects WHERE id <> new.id; END",
        "CREATE TRIGGER g BEFORE INSERT ON pins BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE UPDATE ON scopes BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE UPDATE ON wrapped_keys BEGIN SELECT raise(IGNORE); END",
        "ALTER TABLE objects RENAME TO objects2; CREATE VIEW objects AS SELECT * FROM objects2",
        """
        ALTER TABLE scopes RENAME TO scopes2; CREATE VIEW scopes AS
        SELECT * FROM scopes2 WHERE \(endless) > 0
        """,
        "DROP INDEX objects_by_tag",
        "CREATE INDEX more ON objects (document)",
        "ALTER TABLE objects ADD COLUMN more",
        "CREATE TABLE more (a)",
        "ANALYZE",
    ]

    @Test func `FORMAT has the statements that make a catalog, and no other`() throws {
        let text = try Checkout.text("Sources/Sluice/Sluice.docc/FORMAT.md")
        let statements = CatalogSchema.tables.statements.map { $0 + ";\n" }.joined()
        #expect(text.contains("```sql\n\(statements)```"))
    }

    @Test func `a new catalog is made as it is expected to be`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try store.put([1], as: "o") }
        try home.withStore { store throws in #expect(try store.get("o") == [1]) }
        let connection = try Connection(path: "\(home.store)/catalog.db", mode: .readOnly)
        #expect(try connection.difference(from: CatalogSchema.tables) == nil)
    }

    @Test(arguments: plants)
    func `a store with a planted schema is refused, and repaired without a loss`(
        plant: String
    ) throws {
        let home = try TamperedHome().home
        try home.sql(plant)
        #expect(failure { try home.open() } == .damagedCatalog)
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.findings.contains { $0.subject == "catalog" && $0.outcome == .mended })
        try home.withStore { store throws in
            for (scope, name, bytes) in TamperedHome.objects {
                #expect(try store.get(name, in: scope) == bytes)
            }
            #expect(try store.verify().findings == [])
            try store.put([1], as: "small")
            #expect(try store.get("small") == [1])
            try store.remove("small")
            #expect(failure { try store.get("small") } == .notFound)
        }
        #expect(try Store.repair(home.location, options: .fast()).findings.isEmpty)
    }

    @Test(arguments: plants)
    func `a schema that is changed under an open store is not obeyed`(plant: String) throws {
        let home = try TamperedHome().home
        let store = try home.open()
        defer { try? store.close() }
        #expect(try store.get("small") == TamperedHome.small)
        try home.sql(plant)
        for _ in 0..<2 {
            #expect(failure { try store.put([1], as: "small") } == .damagedCatalog)
            #expect(failure { try store.put([1], as: "new") } == .damagedCatalog)
            #expect(failure { try store.remove("twin") } == .damagedCatalog)
            #expect(failure { try store.pin("raw") } == .damagedCatalog)
            #expect(failure { try store.list() } == .damagedCatalog)
            #expect(failure { try store.verify() } == .damagedCatalog)
            #expect(failure { try store.verifyWithoutKeys() } == .damagedCatalog)
            #expect(failure { try store.backup(to: home.directory.path("b")) } == .damagedCatalog)
        }
        #expect(!home.directory.exists("b/catalog.db"))
    }

    @Test func `a backup with a planted schema is not restored`() throws {
        let home = try TamperedHome().home
        let backup = home.directory.path("backup")
        try home.withStore { store throws in try store.backup(to: backup) }
        let connection = try Connection(path: "\(backup)/catalog.db", mode: .readWrite)
        try connection.execute(Self.plants[0])
        connection.close()
        var location = home.location
        location.store = home.directory.path("restored")
        #expect(failure { try Store.restore(from: backup, to: location) } == .damagedCatalog)
        #expect(!home.directory.exists("restored/catalog.db"))
    }

    @Test func `a value of any length is damage, and takes no memory`() throws {
        let home = try TamperedHome().home
        let rowID = try home.withStore { store throws in
            try store.finder.find("small", in: .default).row.rowID
        }
        try home.sql("UPDATE objects SET data = zeroblob(3 << 20) WHERE id = \(rowID)")
        try home.withStore { store throws in
            #expect(failure { try store.get("small") } == .integrity)
            let findings = try store.verify().findings
            #expect(findings.contains { $0.subject == "row \(rowID)" })
            #expect(try store.get("twin") == TamperedHome.twin)
        }
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.findings.contains { $0.outcome == .moved })
        try home.withStore { store throws in #expect(try store.verify().findings == []) }
    }
}
