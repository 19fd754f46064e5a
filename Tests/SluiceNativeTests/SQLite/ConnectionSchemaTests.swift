import SluiceNative
import Testing

@Suite struct ConnectionSchemaTests {
    private static let schema = DatabaseSchema(
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INTEGER)",
            "CREATE TABLE w (k BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
            "CREATE INDEX t_by_b ON t (b)",
            "CREATE UNIQUE INDEX t_by_a_b ON t (a, b)",
        ], uniqueCounts: ["t": 1])

    /// Alterations that leave our statements as runnable as they were, or nearly.
    static let alterations = [
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE extra (a)",
        "CREATE VIRTUAL TABLE extra USING fts5(a)",
        "CREATE INDEX more ON t (id, b)",
        "DROP INDEX t_by_b",
        "DROP INDEX t_by_a_b",
        "DROP INDEX t_by_b; CREATE INDEX t_by_b ON t (b) WHERE b > 7",
        "DROP INDEX t_by_b; CREATE INDEX t_by_b ON t (b DESC)",
        "DROP INDEX t_by_a_b; CREATE INDEX t_by_a_b ON t (a, b)",
        "ALTER TABLE t ADD COLUMN c",
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u",
        "DROP TABLE w; CREATE TABLE w (k BLOB PRIMARY KEY) STRICT",
        "DROP TABLE w; CREATE TABLE w (k BLOB PRIMARY KEY CHECK (k <> x'00')) STRICT, WITHOUT ROWID",
        "INSERT INTO t (b) VALUES (1); ANALYZE",
    ]

    private static func make(_ connection: Connection) throws {
        for statement in schema.statements { try connection.execute(statement) }
    }

    @Test func `a database that was made by the statements is as expected`() throws {
        let connection = try Connection.inMemory()
        try Self.make(connection)
        #expect(try connection.difference(from: Self.schema) == nil)
        try connection.expect(Self.schema)
        try connection.prepare("INSERT INTO t (a, b) VALUES ('x', 1)").runChangingOneRow()
        #expect(try connection.firstInt("SELECT count(*) FROM t") == 1)
    }

    @Test(arguments: alterations)
    func `any other thing in it, and anything missing, is told`(alteration: String) throws {
        let connection = try Connection.inMemory()
        try Self.make(connection)
        try connection.execute(alteration)
        #expect(try connection.difference(from: Self.schema) != nil)
        let error = databaseError { () throws(DatabaseError) in try connection.expect(Self.schema) }
        #expect(error?.isSchemaAltered == true)
    }

    // one connection       | another
    // ---------------------|--------------
    // is told what to find |
    //                      | alters it
    // runs a statement     |
    @Test(arguments: alterations, [false, true])
    func `what is altered while a connection is open is not obeyed`(
        alteration: String, isPrepared: Bool
    ) throws {
        let directory = try DatabaseDirectory()
        let connection = try directory.open(busyTimeoutMilliseconds: 5000)
        try connection.execute("PRAGMA journal_mode = WAL")
        try Self.make(connection)
        try connection.expect(Self.schema)
        let sql = "INSERT INTO t (a, b) VALUES (?, 1)"
        let known = isPrepared ? try connection.prepare(sql) : nil
        let other = try directory.open(busyTimeoutMilliseconds: 5000)
        try other.execute(alteration)
        other.close()
        for _ in 0..<2 {
            let error = databaseError { () throws(DatabaseError) in
                let insert = if let known { known } else { try connection.prepare(sql) }
                try insert.bind(1, "x")
                try insert.run()
            }
            #expect(error?.isSchemaAltered == true)
        }
        let read = databaseError { () throws(DatabaseError) in
            _ = try connection.firstInt("SELECT count(*) FROM t WHERE b = 1")
        }
        #expect(read?.isSchemaAltered == true)
    }

    @Test func `who changes the schema and leaves it as it was disturbs nobody`() throws {
        let directory = try DatabaseDirectory()
        let connection = try directory.open(busyTimeoutMilliseconds: 5000)
        try connection.execute("PRAGMA journal_mode = WAL")
        try Self.make(connection)
        try connection.expect(Self.schema)
        let insert = try connection.prepare("INSERT INTO t (a, b) VALUES (?, ?)")
        let select = try connection.prepare("SELECT b FROM t WHERE a = ?")
        for step in 0..<3 {
            let other = try directory.open(busyTimeoutMilliseconds: 5000)
            try other.execute("CREATE TABLE passing (a); DROP TABLE passing; VACUUM")
            other.close()
            try connection.immediateTransaction { () throws(DatabaseError) in
                try insert.bind(1, "x\(step)")
                try insert.bind(2, step)
                try insert.runChangingOneRow()
            }
            try select.bind(1, "x\(step)")
            #expect(try select.step() && select.int(0) == Int64(step))
            select.reset()
        }
        #expect(!connection.isInTransaction)
    }

    @Test(arguments: [
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE VIEW \"a \"\"b\" AS SELECT 1",
        "CREATE TABLE extra (a UNIQUE); CREATE INDEX more ON extra (a)",
        "CREATE INDEX more ON t (id, b)",
        "DROP INDEX t_by_b",
        "DROP INDEX t_by_b; CREATE INDEX t_by_b ON t (b DESC)",
        "INSERT INTO t (b) VALUES (1); ANALYZE",
    ])
    func `what was planted is taken out, and rows stay`(alteration: String) throws {
        let connection = try Connection.inMemory()
        try Self.make(connection)
        try connection.execute("INSERT INTO t (a, b) VALUES ('kept', 7)")
        try connection.execute(alteration)
        _ = try connection.immediateTransaction { () throws(DatabaseError) in
            try connection.correct(to: Self.schema)
        }
        #expect(try connection.difference(from: Self.schema) == nil)
        #expect(try connection.firstInt("SELECT b FROM t WHERE a = 'kept'") == 7)
    }

    @Test func `a table that is another is not corrected, and nothing is dropped`() throws {
        let connection = try Connection.inMemory()
        try Self.make(connection)
        try connection.execute("ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u")
        let error = databaseError { () throws(DatabaseError) in
            _ = try connection.correct(to: Self.schema)
        }
        #expect(error?.isSchemaAltered == true)
        #expect(try connection.firstInt("SELECT count(*) FROM u") == 0)
    }

    @Test func `no trigger runs, and no view is read`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a); CREATE VIEW v AS SELECT 1")
        try connection.execute(
            "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT raise(IGNORE); END")
        try connection.prepare("INSERT INTO t VALUES (1)").runChangingOneRow()
        let error = databaseError { () throws(DatabaseError) in
            _ = try connection.firstInt("SELECT * FROM v")
        }
        #expect(error?.isStatementRefused == true)
    }

    @Test func `a statement that must change a row and doesn't is an error`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a)")
        let error = databaseError { () throws(DatabaseError) in
            try connection.prepare("DELETE FROM t").runChangingOneRow()
        }
        #expect(error?.isCorrupt == true)
    }

    @Test func `a value beyond the limit is refused before it is read`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
        try connection.execute("INSERT INTO t VALUES (1, zeroblob(100001)), (2, zeroblob(99000))")
        connection.limitValues(byteCount: 100_000)
        let error = databaseError { () throws(DatabaseError) in
            _ = try connection.firstText("SELECT a FROM t WHERE id = 1")
        }
        #expect(error?.isTooLong == true)
        #expect(try connection.firstText("SELECT a FROM t WHERE id = 2")?.utf8.count == 99_000)
    }
}
