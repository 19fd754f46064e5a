import SluiceNative
import Synchronization
import Testing

@Suite struct ConnectionTests {
    let directory: DatabaseDirectory

    init() throws { directory = try DatabaseDirectory() }

    // MARK: Opening

    @Test(arguments: [Connection.Mode.readWrite, .readOnly])
    func `open refuses a missing file unless it may create it`(mode: Connection.Mode) throws {
        let error = databaseError { () throws(DatabaseError) in _ = try directory.open(mode: mode) }
        #expect(error?.isCannotOpen == true)
        #expect(error?.operation == .open)
        _ = try directory.open(mode: .readWriteCreate)
    }

    @Test(arguments: ["", "/", "a\0b"])
    func `open refuses a path that can't be a file`(path: String) throws {
        let error = databaseError { () throws(DatabaseError) in
            _ = try Connection(path: path, mode: .readWriteCreate)
        }
        #expect(error?.isCannotOpen == true)
    }

    @Test func `open refuses a file that is not a database`() throws {
        try directory.write([UInt8](repeating: 0x41, count: 5000))
        for mode in [Connection.Mode.readWriteCreate, .readWrite, .readOnly] {
            let error = databaseError { () throws(DatabaseError) in
                _ = try directory.open(mode: mode)
            }
            #expect(error?.isNotADatabase == true)
            #expect(error?.operation == .open)
        }
    }

    @Test(arguments: [4096, 8191, 3 * 4096])
    func `open refuses a database that was cut short`(byteCount: Int) throws {
        let connection = try directory.openFilled(rowCount: 100)
        connection.close()
        let whole = try directory.contents()
        try #require(whole.count > byteCount)
        try directory.write([UInt8](whole.prefix(byteCount)))
        let error = databaseError { () throws(DatabaseError) in _ = try directory.open() }
        #expect(error?.isCorrupt == true)
    }

    @Test func `open refuses a damaged schema`() throws {
        let connection = try directory.openFilled(rowCount: 1)
        connection.close()
        var bytes = try directory.contents()
        // The first page's B-tree header follows the 100 bytes of the file's header.
        for offset in 100..<108 { bytes[offset] = 0xff }
        try directory.write(bytes)
        let error = databaseError { () throws(DatabaseError) in _ = try directory.open() }
        #expect(error?.isCorrupt == true)
    }

    @Test func `open for writing refuses what can only be read`() throws {
        _ = try directory.open()
        let path = "file:\(directory.path())?mode=ro"
        _ = try Connection(path: path, mode: .readOnly)
        let error = databaseError { () throws(DatabaseError) in
            _ = try Connection(path: path, mode: .readWrite)
        }
        #expect(error?.isReadOnly == true)
    }

    @Test func `a read-only connection reads and does not write`() throws {
        let writer = try directory.openFilled(rowCount: 3)
        let reader = try directory.open(mode: .readOnly)
        #expect(try reader.firstInt("SELECT count(*) FROM items") == 3)
        let error = databaseError { () throws(DatabaseError) in
            try reader.execute("DELETE FROM items")
        }
        #expect(error?.isReadOnly == true)
        #expect(try writer.firstInt("SELECT count(*) FROM items") == 3)
    }

    @Test func `the page size can be chosen after opening a new file`() throws {
        let connection = try directory.open()
        try connection.execute("PRAGMA page_size = 16384; CREATE TABLE t (a)")
        #expect(try connection.firstInt("PRAGMA page_size") == 16384)
    }

    @Test func `connections to one memory database share it`() throws {
        let path = "file:/ConnectionTests?vfs=memdb"
        let first = try Connection(path: path, mode: .readWriteCreate)
        let second = try Connection(path: path, mode: .readWriteCreate)
        try first.execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
        #expect(try second.firstInt("SELECT a FROM t") == 7)
    }

    @Test func `the library tells its version and is thread-safe`() {
        #expect(Connection.version.hasPrefix("3."))
        #expect(Connection.threadsafe)
    }

    // MARK: Hardening

    @Test func `the schema table can't be written, even if asked to be writable`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a)")
        try connection.execute("PRAGMA writable_schema = ON")
        #expect(throws: DatabaseError.self) {
            try connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE t (b)'")
        }
    }

    @Test func `the journal can't be switched off`() throws {
        let connection = try directory.open()
        #expect(try connection.firstText("PRAGMA journal_mode = OFF") == "delete")
    }

    @Test func `the schema is not trusted and cells are checked`() throws {
        let connection = try Connection.inMemory()
        #expect(try connection.firstInt("PRAGMA trusted_schema") == 0)
        #expect(try connection.firstInt("PRAGMA cell_size_check") == 1)
    }

    @Test func `a name in double quotes is never a string`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a)")
        #expect(throws: DatabaseError.self) { try connection.prepare("SELECT \"b\" FROM t") }
        #expect(throws: DatabaseError.self) {
            try connection.execute("CREATE INDEX i ON t (\"b\")")
        }
    }

    // MARK: Running

    @Test func `execute runs all statements and stops at the first that fails`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a UNIQUE)")
        let error = databaseError { () throws(DatabaseError) in
            try connection.execute(
                """
                INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); INSERT INTO t VALUES (1);
                INSERT INTO t VALUES (3)
                """)
        }
        #expect(error?.isConstraint == true)
        #expect(error?.operation == .execute)
        #expect(try connection.firstInt("SELECT group_concat(a, '') FROM t") == 12)
    }

    @Test(arguments: ["", "  ", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; nonsense"])
    func `prepare refuses anything but one statement`(sql: String) throws {
        let connection = try Connection.inMemory()
        let error = databaseError { () throws(DatabaseError) in _ = try connection.prepare(sql) }
        #expect(error?.operation == .prepare)
    }

    @Test(arguments: ["SELECT 1", "SELECT 1;", "\n SELECT 1 ;\r\n\t "])
    func `prepare accepts space around a statement`(sql: String) throws {
        #expect(try Connection.inMemory().firstInt(sql) == 1)
    }

    @Test func `changed rows and the last row are those of the last statement`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
        try connection.execute("INSERT INTO t VALUES (40, 0), (41, 0), (42, 0)")
        #expect(connection.changedRowCount == 3)
        #expect(connection.lastInsertedRowID == 42)
        try connection.execute("UPDATE t SET a = 1 WHERE id = 99")
        #expect(connection.changedRowCount == 0)
    }

    @Test func `interrupt from another thread ends a statement`() throws {
        /// Tells the other thread that it was heard.
        final class Ending: Sendable {
            let hasCome = Atomic(false)
        }
        let connection = try Connection.inMemory()
        let endless = try connection.prepare(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT count(*) FROM n
            """)
        let ending = Ending()
        // A thread of its own: this one keeps the tests' common threads from running a task.
        let interrupter = try NativeThread.start {
            while !ending.hasCome.load(ordering: .relaxed) {
                connection.interrupt()
                NativeThread.sleep(nanoseconds: 1_000_000)
            }
        }
        let error = databaseError { () throws(DatabaseError) in _ = try endless.step() }
        ending.hasCome.store(true, ordering: .relaxed)
        interrupter.join()
        #expect(error?.isInterrupted == true)
    }

    // MARK: Closing

    @Test func `close rolls back, may be repeated, and outlives its statements`() throws {
        var statement: Statement?
        do {
            let connection = try directory.openFilled(rowCount: 1)
            try connection.execute("BEGIN; DELETE FROM items")
            statement = try connection.prepare("SELECT id FROM items")
            connection.close()
            connection.close()
        }
        withExtendedLifetime(statement) {}
        statement = nil
        #expect(try directory.open().firstInt("SELECT count(*) FROM items") == 1)
    }

    @Test func `a statement keeps its connection open`() throws {
        let statement = try Connection.inMemory().prepare("SELECT 5")
        #expect(try statement.step())
        #expect(statement.int(0) == 5)
    }

    @Test func `using a closed connection traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            connection.close()
            try connection.execute("SELECT 1")
        }
    }

    @Test func `using a statement of a closed connection traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            let statement = try connection.prepare("SELECT 1")
            connection.close()
            _ = try statement.step()
        }
    }
}
