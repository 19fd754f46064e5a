import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct CatalogFaultTests {
    @Test(arguments: [
        "database disk image is malformed", "file is not a database",
        "malformed database schema (objects)", "no such table: objects", "no such column: codec",
        "row 5 missing from index objects_tag", "wrong # of entries in index objects_tag",
        "non-unique entry in index objects_tag", "NULL value in objects.tag",
        "TEXT value in objects.byte_count", "CHECK constraint failed in blobs",
        "Page 7: never used", "Tree 5 page 7: btreeInitPage() returns error code 11",
        "Freelist: size is 3 but should be 4", "what no version has said so far",
    ])
    func `each finding is told in words, with what SQLite says behind them`(finding: String) {
        let described = CatalogFault.descriptions(of: [finding])
        #expect(described.count == 1)
        #expect(described.allSatisfy { $0.hasSuffix("(SQLite: \(finding))") })
        #expect(
            described.allSatisfy {
                $0.hasPrefix("it ") || $0.contains(" of it ") || $0.hasPrefix("a")
            })
    }

    @Test func `findings of a kind are told once, with their count`() {
        let pages = "*** in database main ***\nPage 3: never used\nPage 4: never used"
        let described = CatalogFault.descriptions(of: [
            pages, "row 1 missing from index a", "row 2 missing from index a", "Page 5: never used",
        ])
        #expect(described.count == 2)
        #expect(described.contains { $0.contains("in 3 places") && $0.contains("Page 3") })
        #expect(described.contains { $0.contains("in 2 places") && $0.contains("row 1") })
        #expect(CatalogFault.descriptions(of: []) == [])
    }

    @Test func `a store with damaged pages is told of in words, and so is its repair`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            for index in 0..<40 { try store.put(patternedBytes(9000), as: ObjectName("\(index)")) }
        }
        var bytes = try home.directory.read("store/catalog.db")
        let pageCount = bytes.count / 4096
        // Beyond what is read to open the store, and some of it indices.
        for page in pageCount / 2..<pageCount {
            for place in 0..<8 { bytes[page * 4096 + place] = 0xee }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(home.store)/catalog.db"))
        let connection = try Connection(path: "\(home.store)/catalog.db", mode: .readOnly)
        let problems = CatalogFault.descriptions(of: try connection.integrityCheck())
        connection.close()
        #expect(!problems.isEmpty)
        let report = try Store.repair(home.location, options: .fast())
        let told = report.findings.map(\.problem).filter { $0.contains("SQLite") }
        #expect(told == problems)
        #expect(told.allSatisfy { !$0.contains("***") && !$0.contains("\n") }, "\(told)")
    }
}
