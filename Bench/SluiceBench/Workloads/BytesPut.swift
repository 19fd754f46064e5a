internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Puts objects of one size from memory, durability none, one caller.
final class BytesPut: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let byteCount: Int
    private let store: OpenStore

    init(byteCount: Int, _ conditions: Conditions) {
        self.byteCount = byteCount
        name = "put-\(byteCount)B"
        summary = """
            Put new objects of \(Figures.count(byteCount)) random bytes from memory, durability \
            none, one caller.
            """
        store = OpenStore(at: conditions.path(name))
    }

    func prepareRun() throws {
        // The first put makes the scope, which takes key operations.
        try store.make(.none).put([], as: ObjectName("first"))
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let bytes = DataPattern.random.bytes(count: byteCount, seed: caller.runSeed)
        var index = 0
        return {
            try store.put(bytes, as: SmallObjects.name(index))
            index += 1
            return 1
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}

/// Writes new files of one size, and makes each durable if asked: the ceiling of puts one by one.
final class BareWrites: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let byteCount: Int
    private let isDurable: Bool
    private let directory: String

    init(byteCount: Int, durable isDurable: Bool, _ conditions: Conditions) {
        self.byteCount = byteCount
        self.isDurable = isDurable
        name = isDurable ? "write + fsync" : "write"
        summary = "A new file of \(Figures.count(byteCount)) bytes each time, one thread."
        directory = conditions.path("bare-writes-\(byteCount)")
    }

    func prepareRun() throws {
        try Scratch.remove(directory)
        try FileSystem.makeDirectories(directory)
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let bytes = DataPattern.random.bytes(count: byteCount, seed: caller.runSeed)
        var index = caller.index
        return { [directory, isDurable] in
            let file = try File.createExclusively("\(directory)/\(index)")
            index += caller.count
            try file.write(bytes.span, at: 0)
            if isDurable { try file.sync() }
            return 1
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}
