import FoundationEssentials
import SluiceNative
import Testing

/// What `gathersLogWrites` does, and that nobody notices. Crashes and failing writes in it are for the tortures
/// `crash-states`, `call-faults` and `full-disk`.
@Suite struct GatheredLogTests {
    let directory: DatabaseDirectory

    init() throws { directory = try DatabaseDirectory() }

    @Test(arguments: ["FULL", "OFF"], [1, 50, 1000])
    func `another connection sees all of a transaction as soon as it is committed`(
        synchronous: String, rowCount: Int
    ) throws {
        try directory.openFilled(rowCount: 0).close()
        let reader = try directory.open(mode: .readOnly)
        let writer = try directory.open(gathersLogWrites: true)
        try writer.execute("PRAGMA synchronous = \(synchronous)")
        for round in 0..<5 {
            try writer.insertItems(round * rowCount..<(round + 1) * rowCount)
            #expect(try reader.firstInt(Self.sum) == Int64((round + 1) * rowCount * 1000))
        }
        #expect(try reader.firstText("PRAGMA integrity_check") == "ok")
    }

    @Test func `what was committed is there when the log is recovered`() throws {
        let first = try directory.openFilled(rowCount: 0)
        let writer = try directory.open(gathersLogWrites: true)
        try writer.insertItems(0..<700)
        for name in ["test.db", "test.db-wal"] {
            try directory.write(try directory.contents(name), to: "copy-" + name)
        }
        let copy = try directory.open("copy-test.db")
        #expect(try copy.firstInt(Self.sum) == 700_000)
        #expect(try copy.firstText("PRAGMA integrity_check") == "ok")
        first.close()
    }

    @Test func `a transaction reaches the kernel in a few writes`() throws {
        let plain = try directory.openFilled(rowCount: 0)
        let plainCount = try writeCount { try plain.insertItems(0..<200) }
        let gathering = try directory.open(gathersLogWrites: true)
        try gathering.insertItems(1000..<1001)
        let count = try writeCount { try gathering.insertItems(200..<400) }
        #expect(plainCount > 100)
        #expect(count <= 3)
    }

    @Test func `a transaction that outgrows the cache writes nothing before it commits`() throws {
        let connection = try directory.openFilled(rowCount: 10)
        connection.close()
        let writer = try directory.open(gathersLogWrites: true)
        try writer.execute("PRAGMA cache_size = 5")
        try writer.insertItems(10..<11)
        let byteCount = try directory.contents("test.db-wal").count
        try writer.execute("BEGIN IMMEDIATE")
        for _ in 0..<3 { try writer.execute("UPDATE items SET bytes = zeroblob(3000)") }
        try writer.execute(
            """
            INSERT INTO items SELECT value + 1000, zeroblob(5000) FROM \
            (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 200) \
            SELECT value FROM n)
            """)
        #expect(try directory.contents("test.db-wal").count == byteCount)
        try writer.execute("ROLLBACK")
        #expect(try directory.contents("test.db-wal").count == byteCount)
        try writer.insertItems(11..<12)
        #expect(try directory.open(mode: .readOnly).firstInt(Self.sum) == 12_000)
    }

    @Test func `a log that is begun anew holds what was committed since`() throws {
        try directory.openFilled(rowCount: 0).close()
        let writer = try directory.open(gathersLogWrites: true)
        let reader = try directory.open(mode: .readOnly)
        for round in 0..<20 {
            try writer.insertItems(round * 100..<(round + 1) * 100)
            if round % 3 == 0 { _ = try writer.checkpoint(.passive) }
            #expect(try reader.firstInt(Self.sum) == Int64(round + 1) * 100_000)
        }
        _ = try writer.checkpoint(.truncate)
        #expect(try directory.contents("test.db-wal").isEmpty)
        #expect(try reader.firstText("PRAGMA integrity_check") == "ok")
    }

    private static let sum = "SELECT coalesce(sum(length(bytes)), 0) FROM items"

    /// How often this thread has called `write` or its like in `body`.
    private func writeCount(_ body: () throws -> Void) throws -> Int {
        let before = try Self.writeCount()
        try body()
        return try Self.writeCount() - before
    }

    private static func writeCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("syscw: ") })
        return try #require(Int(line.dropFirst("syscw: ".count)))
    }
}
