import SluiceNative
import Testing

@Suite struct StatementTests {
    let connection: Connection

    init() throws { connection = try Connection.inMemory("CREATE TABLE t (a UNIQUE NOT NULL)") }

    private func echo() throws -> Statement { try connection.prepare("SELECT ?1, typeof(?1)") }

    // MARK: Values

    @Test(arguments: [0, 1, -1, Int64.min, Int64.max])
    func `integers come back`(value: Int64) throws {
        let statement = try echo()
        try statement.bind(1, value)
        #expect(try statement.step())
        #expect(statement.int(0) == value)
        #expect(statement.text(1) == "integer")
        statement.reset()
        try statement.bind(1, Int(value))
        #expect(try statement.step())
        #expect(statement.int(0) == value)
    }

    @Test(arguments: [0, 1, 4096, 1 << 20])
    func `bytes that a statement runs with are stored, and not kept`(byteCount: Int) throws {
        let insert = try connection.prepare("INSERT INTO t VALUES (?1)")
        let value = [UInt8](repeating: 7, count: byteCount)
        try insert.run(binding: 1, value.span)
        let unbound = databaseError { () throws(DatabaseError) in try insert.run() }
        #expect(unbound?.isConstraint == true)
        let all = try connection.prepare("SELECT a, typeof(a) FROM t")
        #expect(try all.step())
        #expect(all.bytes(0) == value)
        #expect(all.text(1) == "blob")
        all.reset()
        // The second is not unique, the others NULL: nothing is bound any more, also after a failure.
        let second = databaseError { () throws(DatabaseError) in
            try insert.run(binding: 1, value.span)
        }
        let third = databaseError { () throws(DatabaseError) in try insert.run() }
        #expect(second?.isConstraint == true)
        #expect(third?.isConstraint == true)
    }

    @Test(arguments: [0, 1, 31, 32, 4095, 4096, 4097, 1 << 20])
    func `bytes come back`(byteCount: Int) throws {
        let value = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 1) }
        let statement = try echo()
        for isSpan in [false, true] {
            if isSpan { try statement.bind(1, value.span) } else { try statement.bind(1, value) }
            #expect(try statement.step())
            #expect(statement.bytes(0) == value)
            #expect(statement.withBytes(0) { $0.count } == byteCount)
            #expect(statement.text(1) == "blob")
            #expect(!statement.isNull(0))
            statement.reset()
        }
    }

    @Test(arguments: ["", "a", "é\u{1F512}", "a\0b", String(repeating: "x", count: 5000)])
    func `text comes back`(value: String) throws {
        let statement = try echo()
        try statement.bind(1, value)
        #expect(try statement.step())
        #expect(statement.text(0) == value)
        #expect(statement.bytes(0) == [UInt8](value.utf8))
        #expect(statement.text(1) == "text")
    }

    @Test func `null is null, zero and empty`() throws {
        let statement = try echo()
        try statement.bind(1, 5)
        try statement.bind(1, nil)
        #expect(try statement.step())
        #expect(statement.isNull(0))
        #expect(statement.int(0) == 0)
        #expect(statement.bytes(0) == [])
        #expect(statement.text(0) == "")
        #expect(statement.text(1) == "null")
    }

    @Test func `text that is not UTF-8 is repaired`() throws {
        let statement = try connection.prepare("SELECT CAST(x'41FF' AS TEXT)")
        #expect(try statement.step())
        #expect(statement.text(0) == "A\u{FFFD}")
    }

    // MARK: Binding

    @Test func `bound bytes are copied`() throws {
        let statement = try echo()
        var value: [UInt8] = [1, 2, 3]
        try statement.bind(1, value.span)
        value[0] = 9
        #expect(try statement.step())
        #expect(statement.bytes(0) == [1, 2, 3])
        #expect(value == [9, 2, 3])
    }

    @Test(arguments: [-1, 0, 2] as [Int32])
    func `bind refuses a parameter that is not there`(index: Int32) throws {
        let statement = try echo()
        let errors = [
            databaseError { () throws(DatabaseError) in try statement.bind(index, 1) },
            databaseError { () throws(DatabaseError) in try statement.bind(index, nil) },
            databaseError { () throws(DatabaseError) in try statement.bind(index, "a") },
            databaseError { () throws(DatabaseError) in try statement.bind(index, [1]) },
            databaseError { () throws(DatabaseError) in try statement.bind(index, [UInt8]()) },
        ]
        #expect(errors.map { $0?.operation } == Array(repeating: .bind, count: 5))
    }

    @Test func `bind refuses a statement that was stepped and not reset`() throws {
        let statement = try echo()
        _ = try statement.step()
        let error = databaseError { () throws(DatabaseError) in try statement.bind(1, 1) }
        #expect(error?.operation == .bind)
    }

    @Test func `reset clears what was bound`() throws {
        let statement = try echo()
        try statement.bind(1, 5)
        _ = try statement.step()
        statement.reset()
        #expect(try statement.step())
        #expect(statement.isNull(0))
    }

    // MARK: Stepping

    @Test(arguments: [0, 1, 2, 100])
    func `step visits every row and then says so`(rowCount: Int) throws {
        let statement = try connection.prepare(
            """
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
            SELECT i FROM n LIMIT ?
            """)
        try statement.bind(1, rowCount)
        var values: [Int64] = []
        while try statement.step() { values.append(statement.int(0)) }
        #expect(values == (0..<Int64(rowCount)).map { $0 })
    }

    @Test func `a failed step throws its code and leaves the statement ready`() throws {
        let insert = try connection.prepare("INSERT INTO t VALUES (?)")
        try insert.bind(1, 1)
        try insert.run()
        try insert.bind(1, 1)
        let error = databaseError { () throws(DatabaseError) in try insert.run() }
        #expect(error?.isConstraint == true)
        #expect(error?.operation == .step)
        // Nothing is bound any more, so this is NULL.
        #expect(
            databaseError { () throws(DatabaseError) in try insert.run() }?.isConstraint == true)
        try insert.bind(1, 2)
        try insert.run()
        #expect(try connection.firstInt("SELECT count(*) FROM t") == 2)
    }

    @Test func `an error's extended code tells the constraint`() throws {
        let insert = try connection.prepare("INSERT INTO t VALUES (?)")
        let error = databaseError { () throws(DatabaseError) in try insert.run() }
        let notNullConstraint: Int32 = 1299
        #expect(error?.code == notNullConstraint)
    }

    @Test func `a statement survives a change of the schema`() throws {
        let count = try connection.prepare("SELECT count(*) FROM t")
        _ = try count.step()
        count.reset()
        try connection.execute("ALTER TABLE t ADD COLUMN b; INSERT INTO t VALUES (1, 2)")
        #expect(try count.step())
        #expect(count.int(0) == 1)
    }

    // MARK: Bytes in place

    @Test func `bytes of two columns can be used at once, beside other readings`() throws {
        let statement = try connection.prepare("SELECT x'010203', 'abc', 7")
        let other = try connection.prepare("SELECT 8")
        #expect(try statement.step())
        let values = try statement.withBytes(0) { (first) throws(DatabaseError) in
            try statement.withBytes(1) { (second) throws(DatabaseError) in
                // Reading lent bytes in other ways must not move them.
                let readings = (statement.text(0), statement.text(1), statement.bytes(0))
                #expect(readings.1 == "abc")
                #expect(readings.2 == [1, 2, 3])
                _ = try other.step()
                return [Int(first[2]), Int(second[2]), Int(statement.int(2)), Int(other.int(0))]
            }
        }
        #expect(values == [3, 0x63, 7, 8])
    }

    @Test func `an error of the closure is thrown and the statement goes on`() throws {
        enum Stop: Error { case now }
        let statement = try connection.prepare("SELECT x'01' UNION ALL SELECT x'02'")
        #expect(try statement.step())
        #expect(throws: Stop.now) {
            try statement.withBytes(0) { (_) throws(Stop) in throw Stop.now }
        }
        #expect(try statement.step())
        #expect(statement.bytes(0) == [2])
    }

    // MARK: Broken invariants

    @Test func `stepping after the end traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            let statement = try connection.prepare("SELECT 1 WHERE 0")
            _ = try statement.step()
            _ = try statement.step()
        }
    }

    @Test func `a column holds its own bytes and no others`() throws {
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        let statement = try connection.prepare("SELECT x'010203', x'', NULL, 'ab'")
        #expect(try statement.step())
        #expect(statement.holds([1, 2, 3], in: 0))
        for other: [UInt8] in [[], [1, 2], [1, 2, 4], [1, 2, 3, 0], [0, 2, 3]] {
            #expect(!statement.holds(other, in: 0))
        }
        #expect(statement.holds([], in: 1) && !statement.holds([0], in: 1))
        #expect(statement.holds([], in: 2) && !statement.holds([0], in: 2))
        #expect(statement.holds(Array("ab".utf8), in: 3))
    }

    @Test func `reading a column without a row traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            _ = try connection.prepare("SELECT 1").int(0)
        }
    }

    @Test func `reading a column that is not there traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            let statement = try connection.prepare("SELECT 1")
            _ = try statement.step()
            _ = statement.bytes(1)
        }
    }

    @Test func `stepping while the row's bytes are lent traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            let statement = try connection.prepare("SELECT x'01' UNION ALL SELECT x'02'")
            _ = try statement.step()
            try statement.withBytes(0) { _ in _ = try statement.step() }
        }
    }

    @Test func `closing while a row's bytes are lent traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
            let statement = try connection.prepare("SELECT x'01'")
            _ = try statement.step()
            statement.withBytes(0) { _ in connection.close() }
        }
    }
}
