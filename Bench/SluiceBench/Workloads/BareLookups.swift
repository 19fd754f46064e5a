internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Looks rows of SQLite up by their integer key, any as often, a connection for each thread.
final class BareLookups: Workload {
    let name = "SQLite lookups"
    let summary = "Rows of 4,600 bytes by their integer key, the same number of rows and threads."
    let unit = WorkUnit.operations
    private let directory: String
    private let rowCount: Int

    init(rowCount: Int, _ conditions: Conditions) {
        self.rowCount = rowCount
        directory = conditions.path("bare-lookups")
    }

    private var path: String { "\(directory)/rows.db" }

    func setUp() throws {
        let pageByteCount = try BareDatabase.catalogPageByteCount(tryingAt: directory)
        try FileSystem.makeDirectories(directory)
        let database = try BareDatabase(
            at: path, durability: .none, pageByteCount: pageByteCount)
        let insertion = try database.insertion()
        let row = DataPattern.random.bytes(count: BareDatabase.rowByteCount, seed: 0)
        for _ in 0..<(rowCount + BareDatabase.batchCount - 1) / BareDatabase.batchCount {
            try database.insertBatch(row, by: insertion)
        }
        database.connection.close()
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let database = try BareDatabase(at: path, durability: .none)
        let lookup = try database.connection.prepare("SELECT data FROM rows WHERE id = ?1")
        var random = caller.random()
        return { [rowCount] in
            try lookup.bind(1, 1 + random.nextIndex(below: rowCount))
            defer { lookup.reset() }
            // A copy that the caller keeps, as a get returns.
            let bytes = try lookup.step() ? lookup.bytes(0) : []
            return bytes.count == BareDatabase.rowByteCount ? 1 : 0
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
