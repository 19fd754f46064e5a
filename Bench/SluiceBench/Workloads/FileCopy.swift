internal import BenchKit
internal import Synchronization

/// Copies a file with `cp`, and makes it durable with `sync` if asked: the floor for a put, or a get.
final class FileCopy: Workload {
    let name: String
    let summary: String
    let unit = WorkUnit.bytes
    private let pattern: DataPattern
    private let byteCount: Int
    private let isDurable: Bool
    private let conditions: Conditions
    private let target: String
    /// What is removed before each run besides the target.
    private let alsoRemoved: [String]
    private let source = Mutex<String?>(nil)

    init(
        _ pattern: DataPattern, byteCount: Int, durable isDurable: Bool, to target: String,
        alsoRemoving alsoRemoved: [String] = [], _ conditions: Conditions
    ) {
        self.pattern = pattern
        self.byteCount = byteCount
        self.isDurable = isDurable
        self.target = target
        self.alsoRemoved = alsoRemoved
        self.conditions = conditions
        name = "cp --reflink=never" + (isDurable ? " + sync FILE" : "")
        summary = "The same file, copied by coreutils, two processes at most."
    }

    func setUp() throws {
        let path = try conditions.corpus.path(pattern, byteCount: byteCount)
        source.withLock { $0 = path }
    }

    func prepareRun() throws {
        for path in [target] + alsoRemoved { try Scratch.remove(path) }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        guard let source = source.withLock({ $0 }) else { throw BenchError.notSetUp }
        let copy = try Subprocess(named: "cp")
        let sync = isDurable ? try Subprocess(named: "sync") : nil
        return { [target, byteCount] in
            try copy.run(["--reflink=never", source, target])
            try sync?.run([target])
            return byteCount
        }
    }

    func tearDown() throws {
        try Scratch.remove(target)
    }
}
