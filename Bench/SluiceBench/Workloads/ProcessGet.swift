internal import BenchKit
internal import SluiceNative

/// Runs the process `sluice get` of an object of 4 KiB.
struct ProcessGet: Workload {
    let conditions: Conditions
    let name = "process-get-4KiB"
    let summary = """
        The time from starting `sluice get` of an object of 4 KiB, no passphrase, to its end, with \
        what starting any process takes.
        """
    let unit = WorkUnit.operations

    private var directory: String { conditions.path(name) }
    private var home: String { "\(directory)/home" }

    func setUp() throws {
        try conditions.requireSluice()
        try FileSystem.makeDirectories(directory)
        let source = try conditions.corpus.path(.random, byteCount: SmallObjects.byteCount)
        try conditions.sluice.run(["put", source, "--as", "object", "--home", home])
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        { [conditions, home] in
            try conditions.sluice.run(["get", "object", "--home", home])
            return 1
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }
}

/// Runs a process that does nothing: the floor of all processes.
struct ProcessFloor: Workload {
    let name = "true"
    let summary = "The time from starting a process that does nothing to its end."
    let unit = WorkUnit.operations

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let program = try Subprocess(named: name)
        return {
            try program.run([])
            return 1
        }
    }
}
