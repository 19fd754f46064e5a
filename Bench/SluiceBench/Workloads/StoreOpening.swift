internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Opens and closes a store that is there, with a look at its scope.
final class StoreOpening: Workload {
    let name = "open-store"
    let summary = "Open a store with one object, get its entry, and close it."
    let unit = WorkUnit.operations
    private let path: String
    private let store: OpenStore
    private static let objectName = "object"

    init(_ conditions: Conditions) {
        path = conditions.path(name)
        store = OpenStore(at: path)
    }

    func setUp() throws {
        let made = try store.make(.none)
        try made.put([1], as: ObjectName(Self.objectName))
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let name = try ObjectName(Self.objectName)
        return { [path] in
            let store = try Store.open(StoreLocation(home: path))
            let byteCount = try store.info(name).byteCount
            try store.close()
            return byteCount
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}

/// Opens and closes an SQLite database, with a look at a row.
final class BareOpening: Workload {
    let name = "open an SQLite database"
    let summary = "The catalog's pragmas, a look at one row, and closing."
    let unit = WorkUnit.operations
    private let directory: String

    init(_ conditions: Conditions) {
        directory = conditions.path("bare-opening")
    }

    private var path: String { "\(directory)/rows.db" }

    func setUp() throws {
        try FileSystem.makeDirectories(directory)
        let database = try BareDatabase(at: path, durability: .none)
        let row = DataPattern.random.bytes(count: BareDatabase.rowByteCount, seed: 0)
        try database.insertBatch(row, by: database.insertion(), rowCount: 1)
        database.connection.close()
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        { [path] in
            let database = try BareDatabase(at: path, durability: .none)
            let lookup = try database.connection.prepare("SELECT data FROM rows WHERE id = 1")
            let isThere = try lookup.step()
            lookup.reset()
            database.connection.close()
            return isThere ? 1 : 0
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
