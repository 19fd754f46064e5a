import SluiceNative
import Testing

@Suite struct ConnectionBackupTests {
    let directory: DatabaseDirectory
    let source: Connection

    init() throws {
        directory = try DatabaseDirectory()
        source = try directory.openFilled(rowCount: 500)
    }

    @Test(arguments: [1, 7, 1 << 40])
    func `a backup is whole, whatever its steps`(pagesPerStep: Int) throws {
        let copy = try directory.open("copy.db")
        try source.backup(to: copy, pagesPerStep: pagesPerStep)
        copy.close()
        let reopened = try directory.open("copy.db", mode: .readOnly)
        #expect(try reopened.integrityCheck() == [])
        #expect(try reopened.firstInt("SELECT count(*) FROM items") == 500)
        #expect(!source.isInTransaction)
    }

    @Test func `a backup replaces what was there`() throws {
        let copy = try directory.open("copy.db")
        try copy.execute("CREATE TABLE old (a)")
        try source.backup(to: copy)
        #expect(try copy.firstText("SELECT group_concat(name) FROM sqlite_schema") == "items")
    }

    @Test func `writes during a backup neither enter it nor make it start over`() throws {
        let writer = try directory.open()
        let copy = try directory.open("copy.db")
        var remainingPageCounts: [Int] = []
        var writeError: DatabaseError?
        try source.backup(to: copy, pagesPerStep: 10) { remainingPageCount, pageCount in
            #expect(remainingPageCount < pageCount)
            remainingPageCounts.append(remainingPageCount)
            let id = 1000 + remainingPageCounts.count
            writeError =
                writeError
                ?? databaseError { () throws(DatabaseError) in
                    try writer.insertItems(id..<id + 1)
                }
            // A backup that starts over with every write would never end.
            return remainingPageCounts.count < 1000
        }
        #expect(writeError == nil)
        #expect(remainingPageCounts.count > 5)
        #expect(zip(remainingPageCounts, remainingPageCounts.dropFirst()).allSatisfy { $0 > $1 })
        #expect(try copy.firstInt("SELECT count(*) FROM items") == 500)
        #expect(try source.firstInt("SELECT count(*) FROM items") ?? 0 > 500)
    }

    @Test func `a backup that is told to stop leaves the copy as it was`() throws {
        let copy = try directory.open("copy.db")
        try copy.execute("CREATE TABLE old (a)")
        let error = databaseError { () throws(DatabaseError) in
            try source.backup(to: copy, pagesPerStep: 10) { _, _ in false }
        }
        #expect(error?.isInterrupted == true)
        #expect(error?.operation == .backup)
        #expect(!source.isInTransaction)
        #expect(try copy.firstText("SELECT group_concat(name) FROM sqlite_schema") == "old")
    }

    @Test func `a backup onto a database that is in use is refused`() throws {
        let copy = try directory.open("copy.db")
        let other = try directory.open("copy.db")
        let error = try other.immediateTransaction { () throws(DatabaseError) in
            databaseError { () throws(DatabaseError) in try source.backup(to: copy) }
        }
        #expect(error?.isBusy == true)
    }

    @Test func `a backup within a transaction, or onto itself, is refused`() throws {
        let copy = try directory.open("copy.db")
        try source.immediateTransaction { () throws(DatabaseError) in
            let error = databaseError { () throws(DatabaseError) in try source.backup(to: copy) }
            #expect(error?.operation == .begin)
        }
        let error = databaseError { () throws(DatabaseError) in try source.backup(to: source) }
        #expect(error?.operation == .backup)
    }
}
