internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Inserts rows into SQLite, 64 a transaction, durably, into a database that is empty at the
/// beginning of each run; one operation is one transaction.
final class BareInserts: Workload {
    let name = "SQLite inserts, 64 a transaction"
    let summary = "Rows of 4,600 bytes, one thread, the catalog's pragmas, page size, checkpoints."
    let unit = WorkUnit.operations
    private let directory: String
    private let pageByteCount = Mutex(0)

    init(_ conditions: Conditions) {
        directory = conditions.path("bare-inserts")
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
            at: "\(directory)/rows.db", durability: .full,
            pageByteCount: pageByteCount.withLock { $0 })
        let insertion = try database.insertion()
        let row = DataPattern.random.bytes(count: BareDatabase.rowByteCount, seed: caller.runSeed)
        return {
            try database.insertBatch(row, by: insertion)
            return BareDatabase.batchCount
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
