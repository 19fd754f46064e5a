internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Inserts rows into SQLite, into a database that is empty at the beginning of each run; one operation
/// is one transaction.
final class BareInserts: Workload {
    let name: String
    let summary = "Rows of 4,600 bytes, one thread, the catalog's pragmas, page size, checkpoints."
    let unit = WorkUnit.operations
    private let rowCount: Int
    private let durability: Durability
    private let directory: String
    private let pageByteCount = Mutex(0)

    /// Inserts of so many rows a transaction.
    init(rowCount: Int, _ durability: Durability, _ conditions: Conditions) {
        self.rowCount = rowCount
        self.durability = durability
        name = "SQLite inserts, \(rowCount) a transaction"
        directory = conditions.path("bare-inserts-\(rowCount)-\(durability.rawValue)")
    }

    func setUp() throws {
        let byteCount = try BareDatabase.catalogPageByteCount(tryingAt: directory)
        pageByteCount.withLock { $0 = byteCount }
    }

    func prepareRun() throws {
        try Scratch.remove(directory)
        try FileSystem.makeDirectories(directory)
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let database = try BareDatabase(
            at: "\(directory)/rows.db", durability: durability,
            pageByteCount: pageByteCount.withLock { $0 })
        let insertion = try database.insertion()
        let row = DataPattern.random.bytes(count: BareDatabase.rowByteCount, seed: caller.runSeed)
        return { [rowCount] in
            try database.insertBatch(row, by: insertion, rowCount: rowCount)
            return rowCount
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
