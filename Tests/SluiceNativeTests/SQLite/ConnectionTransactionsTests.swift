import SluiceNative
import Testing

/// What a caller of transactions would throw.
private enum WorkError: DatabaseErrorWrapping {
    case database(DatabaseError)
    case refused

    var database: DatabaseError? {
        if case .database(let error) = self { error } else { nil }
    }
}

@Suite struct ConnectionTransactionsTests {
    let directory: DatabaseDirectory
    let connection: Connection

    init() throws {
        directory = try DatabaseDirectory()
        connection = try directory.open()
        try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a UNIQUE)")
    }

    private func insert(_ value: Int) throws(WorkError) {
        do throws(DatabaseError) {
            let statement = try connection.prepare("INSERT INTO t VALUES (?)")
            try statement.bind(1, value)
            try statement.run()
        } catch {
            throw .database(error)
        }
    }

    /// SQLite does so by itself after some failures.
    private func rollBackAsSQLiteWould() throws(WorkError) {
        do throws(DatabaseError) { try connection.execute("ROLLBACK") } catch {
            throw .database(error)
        }
    }

    private func values() throws -> String? {
        try connection.firstText("SELECT group_concat(a, ' ') FROM (SELECT a FROM t ORDER BY a)")
    }

    private func workError(_ body: () throws(WorkError) -> Void) -> WorkError? {
        do throws(WorkError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func isRefused(_ error: WorkError?) -> Bool {
        if case .refused = error { true } else { false }
    }

    // MARK: immediateTransaction

    @Test func `a transaction commits and returns what its body returns`() throws {
        let result = try connection.immediateTransaction { () throws(WorkError) in
            #expect(connection.isInTransaction)
            try insert(1)
            return 5
        }
        #expect(result == 5)
        #expect(!connection.isInTransaction)
        #expect(try directory.open(mode: .readOnly).firstInt("SELECT a FROM t") == 1)
    }

    @Test func `an error of the body rolls back and is thrown`() throws {
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in
                try insert(1)
                throw .refused
            }
        }
        #expect(isRefused(error))
        #expect(!connection.isInTransaction)
        #expect(try values() == "")
    }

    @Test func `a database's error in the body rolls back and is thrown`() throws {
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in
                try insert(1)
                try insert(1)
            }
        }
        #expect(error?.database?.isConstraint == true)
        #expect(try values() == "")
    }

    @Test func `a transaction takes the write lock at its beginning`() throws {
        let other = try directory.open()
        let error = databaseError { () throws(DatabaseError) in
            try connection.immediateTransaction { () throws(DatabaseError) in
                let inner = databaseError { () throws(DatabaseError) in
                    try other.immediateTransaction { () throws(DatabaseError) in
                        _ = Issue.record("two connections hold the write lock")
                    }
                }
                #expect(inner?.isBusy == true)
                #expect(inner?.operation == .begin)
                #expect(!other.isInTransaction)
            }
        }
        #expect(error == nil)
        try other.immediateTransaction { () throws(DatabaseError) in }
    }

    @Test func `a transaction inside a transaction is refused and leaves the outer alone`() throws {
        try connection.immediateTransaction { () throws(WorkError) in
            try insert(1)
            let error = databaseError { () throws(DatabaseError) in
                try connection.immediateTransaction { () throws(DatabaseError) in }
            }
            #expect(error?.operation == .begin)
            #expect(connection.isInTransaction)
            try insert(2)
        }
        #expect(try values() == "1 2")
    }

    // MARK: Committing

    @Test func `committing surrounds the commit`() throws {
        var steps: [Bool] = []
        try connection.immediateTransaction { () throws(WorkError) in
            try insert(1)
        } committing: { commit throws(WorkError) in
            steps.append(connection.isInTransaction)
            try commit()
            steps.append(connection.isInTransaction)
        }
        #expect(steps == [true, false])
        #expect(try values() == "1")
    }

    @Test func `an error before the commit rolls back`() throws {
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in
                try insert(1)
            } committing: { _ throws(WorkError) in
                throw .refused
            }
        }
        #expect(isRefused(error))
        #expect(!connection.isInTransaction)
        #expect(try values() == "")
    }

    @Test func `not committing without an error traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            try connection.immediateTransaction { () throws(DatabaseError) in
            } committing: { _ throws(DatabaseError) in
            }
        }
    }

    @Test func `a commit that a constraint refuses is known to have failed`() throws {
        try connection.execute(
            """
            PRAGMA foreign_keys = ON;
            CREATE TABLE child (a REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)
            """)
        let error = databaseError { () throws(DatabaseError) in
            try connection.immediateTransaction { () throws(DatabaseError) in
                try connection.execute("INSERT INTO child VALUES (9)")
            }
        }
        #expect(error?.isConstraint == true)
        #expect(error?.operation == .commit)
        #expect(error?.isOutcomeUnknown == false)
        #expect(!connection.isInTransaction)
        #expect(try connection.firstInt("SELECT count(*) FROM child") == 0)
    }

    @Test func `a commit that a reader blocks is known to have failed`() throws {
        // Without a log, a commit needs every reader to be gone.
        try connection.execute("PRAGMA journal_mode = DELETE; INSERT INTO t VALUES (1)")
        let reader = try directory.open()
        let select = try reader.prepare("SELECT a FROM t")
        #expect(try select.step())
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in try insert(2) }
        }
        #expect(error?.database?.isBusy == true)
        #expect(error?.database?.isOutcomeUnknown == false)
        #expect(!connection.isInTransaction)
        select.reset()
        #expect(try values() == "1")
    }

    @Test func `a commit that fails while it writes has an unknown outcome`() throws {
        // A commit without a log ends with the removal of the journal, which is gone already.
        try connection.execute("PRAGMA journal_mode = DELETE")
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in
                try insert(1)
                do { try directory.remove("test.db-journal") } catch { throw .refused }
            }
        }
        #expect(error?.database?.isInputOutput == true)
        #expect(error?.database?.isOutcomeUnknown == true)
        #expect(!connection.isInTransaction)
    }

    @Test func `a transaction that SQLite rolled back is not committed`() throws {
        let error = workError { () throws(WorkError) in
            try connection.immediateTransaction { () throws(WorkError) in
                try insert(1)
                try rollBackAsSQLiteWould()
            }
        }
        #expect(error?.database?.isTransactionLost == true)
        #expect(error?.database?.isOutcomeUnknown == false)
        #expect(try values() == "")
    }

    // MARK: A full disk

    @Test func `a full database fails the transaction and leaves nothing of it`() throws {
        try connection.execute("PRAGMA max_page_count = 20; CREATE TABLE big (bytes)")
        let error = databaseError { () throws(DatabaseError) in
            try connection.immediateTransaction { () throws(DatabaseError) in
                try connection.execute("INSERT INTO big VALUES (zeroblob(1))")
                try connection.execute("INSERT INTO big VALUES (zeroblob(1000000))")
            }
        }
        #expect(error?.isFull == true)
        #expect(!connection.isInTransaction)
        #expect(try connection.firstInt("SELECT count(*) FROM big") == 0)
    }

    // MARK: readTransaction

    @Test func `a read transaction sees one state of the database`() throws {
        let writer = try directory.open()
        try connection.readTransaction { () throws(DatabaseError) in
            #expect(try connection.firstInt("SELECT count(*) FROM t") == 0)
            try writer.execute("INSERT INTO t VALUES (1)")
            #expect(try connection.firstInt("SELECT count(*) FROM t") == 0)
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.firstInt("SELECT count(*) FROM t") == 1)
    }

    @Test func `a read transaction undoes what is written in it`() throws {
        try connection.readTransaction { () throws(WorkError) in try insert(1) }
        #expect(try values() == "")
    }
}
