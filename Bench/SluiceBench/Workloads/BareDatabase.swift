internal import Sluice
internal import SluiceNative

/// An SQLite database of one table, opened as the store's catalog is: same pragmas, same page size,
/// checkpoints at the same length of the log, rows as large as those of an object of 4 KiB.
struct BareDatabase {
    /// Bytes of a row: 4,096 of the object with its tag, the wrapped key, the document and the ids.
    static let rowByteCount = 4600
    /// Rows in a transaction.
    static let batchCount = 64
    /// The catalog's own, as `GroupCommit` has it.
    private static let checkpointFrameCount = 2000

    /// The connection.
    let connection: Connection

    /// Opens the database at `path`; a new one gets pages of this size and its table.
    init(at path: String, durability: Durability, pageByteCount: Int? = nil) throws {
        connection = try Connection(path: path, mode: .readWriteCreate)
        if let pageByteCount { try connection.execute("PRAGMA page_size = \(pageByteCount)") }
        try connection.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = \(durability == .full ? "FULL" : "OFF");
            PRAGMA secure_delete = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -8192;
            CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
            """)
        connection.watchLog()
    }

    /// What inserts one row.
    func insertion() throws -> Statement {
        try connection.prepare("INSERT INTO rows (data) VALUES (?1)")
    }

    /// Inserts rows in one transaction.
    func insertBatch(
        _ row: [UInt8], by insertion: Statement, rowCount: Int = batchCount
    ) throws {
        try connection.immediateTransaction { () throws(DatabaseError) in
            for _ in 0..<rowCount {
                try insertion.bind(1, row.span)
                try insertion.run()
            }
        }
        if connection.logFrameCount >= Self.checkpointFrameCount {
            try connection.checkpoint(.passive)
        }
    }

    /// The page size of the catalog of a new store, which is made below `path` to see it.
    static func catalogPageByteCount(tryingAt path: String) throws -> Int {
        let store = OpenStore(at: path)
        try store.make(.none).close()
        let catalog = try Connection(path: "\(path)/store/catalog.db", mode: .readWrite)
        let pageSize = try catalog.prepare("PRAGMA page_size")
        let byteCount = try pageSize.step() ? Int(pageSize.int(0)) : 0
        catalog.close()
        try store.remove()
        return byteCount
    }
}
