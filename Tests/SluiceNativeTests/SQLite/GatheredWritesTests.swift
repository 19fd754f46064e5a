import FoundationEssentials
import SluiceNative
import Testing

/// What `gathersWrites` does, and that nobody notices. Crashes and failing writes in it are for the tortures
/// `crash-states`, `call-faults` and `full-disk`.
@Suite struct GatheredWritesTests {
    let directory: DatabaseDirectory

    init() throws { directory = try DatabaseDirectory() }

    @Test(arguments: ["FULL", "OFF"], [1, 50, 1000])
    func `another connection sees all of a transaction as soon as it is committed`(
        synchronous: String, rowCount: Int
    ) throws {
        try directory.openFilled(rowCount: 0).close()
        let reader = try directory.open(mode: .readOnly)
        let writer = try directory.open(gathersWrites: true)
        try writer.execute("PRAGMA synchronous = \(synchronous)")
        for round in 0..<5 {
            try writer.insertItems(round * rowCount..<(round + 1) * rowCount)
            #expect(try reader.firstInt(Self.sum) == Int64((round + 1) * rowCount * 1000))
        }
        #expect(try reader.firstText("PRAGMA integrity_check") == "ok")
    }

    @Test func `what was committed is there when the log is recovered`() throws {
        let first = try directory.openFilled(rowCount: 0)
        let writer = try directory.open(gathersWrites: true)
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
        let gathering = try directory.open(gathersWrites: true)
        try gathering.insertItems(1000..<1001)
        let count = try writeCount { try gathering.insertItems(200..<400) }
        #expect(plainCount > 100)
        #expect(count <= 3)
    }

    @Test func `a transaction that outgrows the cache writes nothing before it commits`() throws {
        let connection = try directory.openFilled(rowCount: 10)
        connection.close()
        let writer = try directory.open(gathersWrites: true)
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
        let writer = try directory.open(gathersWrites: true)
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

    @Test func `a checkpoint copies what the database has grown by in a few writes`() throws {
        let plain = try directory.openFilled(rowCount: 0)
        try plain.insertItems(0..<200)
        let plainCount = try writeCount { _ = try plain.checkpoint(.passive) }
        let gathering = try directory.open(gathersWrites: true)
        try gathering.insertItems(200..<400)
        let count = try writeCount {
            let checkpoint = try gathering.checkpoint(.passive)
            #expect(checkpoint.checkpointedFrameCount == checkpoint.frameCount)
        }
        #expect(plainCount > 40)
        #expect(count < plainCount / 5)
        #expect(try plain.firstInt(Self.sum) == 400_000)
        #expect(try plain.firstText("PRAGMA integrity_check") == "ok")
    }

    /// SQLite doesn't hear of a last run that could not be written.
    @Test func `a checkpoint that a reader cuts short writes page by page`() throws {
        try directory.openFilled(rowCount: 0).close()
        let writer = try directory.open(gathersWrites: true)
        let reader = try directory.open(mode: .readOnly)
        try writer.insertItems(0..<200)
        try reader.execute("BEGIN")
        #expect(try reader.firstInt(Self.sum) == 200_000)
        try writer.insertItems(200..<400)
        let count = try writeCount {
            let checkpoint = try writer.checkpoint(.passive)
            #expect(checkpoint.checkpointedFrameCount > 40)
            #expect(checkpoint.checkpointedFrameCount < checkpoint.frameCount)
        }
        #expect(count > 40)
        #expect(try reader.firstInt(Self.sum) == 200_000)
        try reader.execute("COMMIT")
        // The reader gone, the rest goes in runs, and nothing is missing.
        let restCount = try writeCount { _ = try writer.checkpoint(.passive) }
        #expect(restCount < count / 5)
        #expect(try reader.firstInt(Self.sum) == 400_000)
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
