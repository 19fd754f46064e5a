internal import BenchKit
internal import Sluice
internal import SluiceNative

/// Puts objects from memory, durability none, one caller; of several sizes in turns, if there are.
final class BytesPut: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let byteCounts: [Int]
    private let store: OpenStore

    init(_ name: String, byteCounts: [Int], _ conditions: Conditions) {
        self.name = name
        self.byteCounts = byteCounts
        summary = """
            Put new objects of \(Figures.counts(byteCounts)) random bytes from memory, durability \
            none, one caller.
            """
        store = OpenStore(at: conditions.path(name))
    }

    func prepareRun() throws {
        // The first put makes the scope, which takes key operations.
        try store.make(.none).put([], as: "first")
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let contents = byteCounts.map {
            DataPattern.random.bytes(count: $0, seed: caller.runSeed)
        }
        var index = 0
        return {
            try store.put(contents[index % contents.count], as: SmallObjects.name(index))
            index += 1
            return 1
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}

/// Writes new files, of several sizes in turns, if there are, and makes each durable if asked: the ceiling of puts one by one.
final class BareWrites: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let byteCounts: [Int]
    private let isDurable: Bool
    private let directory: String

    init(byteCounts: [Int], durable isDurable: Bool, _ conditions: Conditions) {
        self.byteCounts = byteCounts
        self.isDurable = isDurable
        name = isDurable ? "write + fsync" : "write"
        summary = "A new file of \(Figures.counts(byteCounts)) bytes each time, one thread."
        directory = conditions.path(
            "bare-writes-\(byteCounts.map { "\($0)" }.joined(separator: "-"))")
    }

    func prepareRun() throws {
        try Scratch.remove(directory)
        try FileSystem.makeDirectories(directory)
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let contents = byteCounts.map {
            DataPattern.random.bytes(count: $0, seed: caller.runSeed)
        }
        var index = caller.index
        return { [directory, isDurable] in
            let file = try File.createExclusively("\(directory)/\(index)")
            let bytes = contents[index / caller.count % contents.count]
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

extension Figures {
    /// Numbers for people: `1, 2 and 3`.
    fileprivate static func counts(_ numbers: [Int]) -> String {
        let texts = numbers.map { count($0) }
        guard let last = texts.last, texts.count > 1 else { return texts.joined() }
        return "\(texts.dropLast().joined(separator: ", ")) and \(last)"
    }
}
