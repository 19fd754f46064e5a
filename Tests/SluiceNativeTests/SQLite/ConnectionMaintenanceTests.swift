import SluiceNative
import Testing

@Suite struct ConnectionMaintenanceTests {
    let directory: DatabaseDirectory

    init() throws { directory = try DatabaseDirectory() }

    // MARK: Checkpoints

    @Test func `a truncating checkpoint moves everything and empties the log`() throws {
        let connection = try directory.openFilled(rowCount: 100)
        #expect(try !directory.contents("test.db-wal").isEmpty)
        try connection.checkpoint(.truncate)
        #expect(try directory.contents("test.db-wal").isEmpty)
        let nothing = try connection.checkpoint(.passive)
        #expect(nothing.frameCount == 0)
        #expect(nothing.checkpointedFrameCount == 0)
    }

    @Test func `a passive checkpoint moves what readers allow`() throws {
        let connection = try directory.openFilled(rowCount: 10)
        let reader = try directory.open()
        try reader.readTransaction { () throws(DatabaseError) in
            _ = try reader.firstInt("SELECT count(*) FROM items")
            try connection.insertItems(10..<100)
            let checkpoint = try connection.checkpoint(.passive)
            #expect(checkpoint.checkpointedFrameCount > 0)
            #expect(checkpoint.checkpointedFrameCount < checkpoint.frameCount)
            let error = databaseError { () throws(DatabaseError) in
                try connection.checkpoint(.truncate)
            }
            #expect(error?.isBusy == true)
            #expect(error?.operation == .checkpoint)
        }
        let checkpoint = try connection.checkpoint(.passive)
        #expect(checkpoint.checkpointedFrameCount == checkpoint.frameCount)
    }

    @Test func `a checkpoint without a log does nothing`() throws {
        let connection = try Connection.inMemory("CREATE TABLE t (a)")
        let nothing = try connection.checkpoint(.truncate)
        #expect(nothing.frameCount == 0)
        #expect(nothing.checkpointedFrameCount == 0)
    }

    @Test func `a watched log is counted, and checkpoints are left to the caller`() throws {
        let connection = try directory.open()
        try connection.execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1;
            CREATE TABLE items (id INTEGER PRIMARY KEY, bytes BLOB)
            """)
        #expect(connection.logFrameCount == 0)
        connection.watchLog()
        try connection.insertItems(0..<1)
        let frameCount = connection.logFrameCount
        #expect(frameCount > 0)
        try connection.insertItems(1..<100)
        #expect(connection.logFrameCount > frameCount)
        // An automatic checkpoint would have moved all frames, and the log would have begun anew.
        #expect(try connection.checkpoint(.passive).frameCount == connection.logFrameCount)
    }

    // MARK: Integrity

    @Test func `a sound database has no faults`() throws {
        #expect(try directory.openFilled(rowCount: 100).integrityCheck() == [])
    }

    @Test func `damage is found`() throws {
        let connection = try directory.openFilled(rowCount: 100)
        try connection.execute("CREATE INDEX by_bytes ON items (bytes)")
        connection.close()
        var bytes = try directory.contents()
        // Past the schema's page, in the middle of what the table and its index hold.
        for offset in stride(from: 8 * 4096, to: bytes.count, by: 4096) {
            for index in 0..<64 { bytes[offset + index] ^= 0x5a }
        }
        try directory.write(bytes)
        #expect(try !directory.open().integrityCheck().isEmpty)
    }

    @Test func `damage that stops the check is a fault`() throws {
        let connection = try directory.openFilled(rowCount: 10)
        try connection.execute("PRAGMA journal_mode = DELETE")
        let byteCount = try directory.contents().count
        try directory.write([UInt8](repeating: 0x41, count: byteCount))
        #expect(try !connection.integrityCheck().isEmpty)
    }

    @Test func `reading damaged pages is a typed error`() throws {
        let connection = try directory.openFilled(rowCount: 100)
        connection.close()
        var bytes = try directory.contents()
        for offset in 4096..<bytes.count { bytes[offset] = 0xa5 }
        try directory.write(bytes)
        let damaged = try directory.open()
        let error = databaseError { () throws(DatabaseError) in
            _ = try damaged.firstInt("SELECT sum(length(bytes)) FROM items")
        }
        #expect(error?.isCorrupt == true)
    }
}
