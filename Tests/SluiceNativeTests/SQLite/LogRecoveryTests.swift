import FoundationEssentials
import SluiceNative
import Testing

/// That a log is made durable before what it holds is believed; `crash-states` and `call-faults` show what for.
@Suite struct LogRecoveryTests {
    let directory: DatabaseDirectory

    init() throws { directory = try DatabaseDirectory() }

    private static let longAgo = Date(timeIntervalSince1970: 1_000_000)

    private func isLogOld() throws -> Bool {
        let path = directory.path("copy.db-wal")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return attributes[.modificationDate] as? Date == Self.longAgo
    }

    @Test(arguments: [false, true])
    func `who finds a log alone writes it again, byte for byte`(gathersWrites: Bool) throws {
        let first = try directory.openFilled(rowCount: 100)
        for suffix in ["", "-wal"] {
            try directory.write(directory.contents("test.db\(suffix)"), to: "copy.db\(suffix)")
        }
        first.close()
        let before = try directory.contents("copy.db-wal")
        try FileManager.default.setAttributes(
            [.modificationDate: Self.longAgo], ofItemAtPath: directory.path("copy.db-wal"))
        #expect(try isLogOld())
        let copy = try directory.open("copy.db", gathersWrites: gathersWrites)
        #expect(try copy.firstInt("SELECT count(*) FROM items") == 100)
        #expect(try !isLogOld())
        #expect(try directory.contents("copy.db-wal") == before)

        // Who comes to it finds it believed already.
        try FileManager.default.setAttributes(
            [.modificationDate: Self.longAgo], ofItemAtPath: directory.path("copy.db-wal"))
        let second = try directory.open("copy.db", gathersWrites: gathersWrites)
        #expect(try second.firstInt("SELECT count(*) FROM items") == 100)
        #expect(try isLogOld())
    }

    @Test func `a transaction that is to write something reaches the log`() throws {
        let connection = try directory.openFilled(rowCount: 1)
        let byteCount = try directory.contents("test.db-wal").count
        try connection.immediateTransaction { () throws(DatabaseError) in }
        #expect(try directory.contents("test.db-wal").count == byteCount)
        try connection.immediateTransaction { () throws(DatabaseError) in
            try connection.writeSomething()
        }
        #expect(try directory.contents("test.db-wal").count > byteCount)
        #expect(try connection.firstText("PRAGMA integrity_check") == "ok")
    }
}
