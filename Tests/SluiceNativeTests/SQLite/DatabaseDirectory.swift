import FoundationEssentials
import SluiceNative

/// A directory for one test's databases, removed with it.
final class DatabaseDirectory {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "SQLiteTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String = "test.db") -> String { url.appending(path: name).path }

    func contents(_ name: String = "test.db") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url.appending(path: name)))
    }

    func write(_ bytes: [UInt8], to name: String = "test.db") throws {
        try Data(bytes).write(to: url.appending(path: name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url.appending(path: name))
    }

    func open(
        _ name: String = "test.db", mode: Connection.Mode = .readWriteCreate,
        gathersWrites: Bool = false, busyTimeoutMilliseconds: Int = 0
    ) throws(DatabaseError) -> Connection {
        try Connection(
            path: path(name), mode: mode, gathersWrites: gathersWrites,
            busyTimeoutMilliseconds: busyTimeoutMilliseconds)
    }

    /// A database in WAL mode with `rowCount` rows of 1000 bytes.
    func openFilled(
        _ name: String = "test.db", rowCount: Int
    ) throws(DatabaseError) -> Connection {
        let connection = try open(name)
        try connection.execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE items (id INTEGER PRIMARY KEY, bytes BLOB)")
        try connection.insertItems(0..<rowCount)
        return connection
    }
}

extension Connection {
    static func inMemory(_ schema: String = "") throws(DatabaseError) -> Connection {
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        try connection.execute(schema)
        return connection
    }

    func insertItems(_ ids: Range<Int>) throws(DatabaseError) {
        let insert = try prepare("INSERT INTO items VALUES (?, ?)")
        try immediateTransaction { () throws(DatabaseError) in
            for id in ids {
                try insert.bind(1, id)
                try insert.bind(2, [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: 1000))
                try insert.run()
            }
        }
    }

    /// The first column of the first row.
    func firstInt(_ sql: String) throws(DatabaseError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.int(0) : nil
    }

    /// The first column of the first row.
    func firstText(_ sql: String) throws(DatabaseError) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : nil
    }
}

/// The error that `body` throws, or nil.
func databaseError(_ body: () throws(DatabaseError) -> Void) -> DatabaseError? {
    do throws(DatabaseError) {
        try body()
        return nil
    } catch {
        return error
    }
}
