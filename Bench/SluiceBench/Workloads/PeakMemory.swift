internal import BenchKit
internal import SluiceNative

/// The most memory that `sluice put` or `sluice get` of a sparse file holds at once, on two
/// processors: once sealed as it is, once compressed with a chunk table. The work is the bytes.
struct PeakMemory: Workload {
    /// What is run.
    enum Operation: String, Sendable {
        case put, get
    }

    let operation: Operation
    let conditions: Conditions
    let unit = WorkUnit.bytes

    private var byteCount: Int { conditions.profile.sparseByteCount }
    var name: String { "\(operation.rawValue)-\(Figures.size(byteCount))-peak-memory" }

    var summary: String {
        """
        The largest resident set of `sluice \(operation.rawValue)` of a sparse file of \
        \(Figures.size(byteCount)) in default chunks on two processors: the larger of that of a \
        raw object\(operation == .get ? ", got to a device," : "") and of a compressed one\
        \(operation == .get ? ", got to a file" : "").
        """
    }

    private var directory: String { conditions.path(name) }
    private var source: String { "\(directory)/sparse" }

    func setUp() throws {
        try conditions.requireSluice()
        try FileSystem.makeDirectories(directory)
        try File.createExclusively(source).truncate(to: byteCount)
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        {
            let raw = try peak(compression: "none", output: "/dev/null")
            try conditions.interruption.check()
            return max(raw, try peak(compression: "lz4", output: "\(directory)/target"))
        }
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }

    /// The peak of one put or get. What it needs of the disk is freed at once: the blob of a raw
    /// object is as large as the file.
    private func peak(compression: String, output: String) throws -> Int {
        let home = "\(directory)/home"
        defer {
            // What stays is removed with the run's directory.
            try? Scratch.remove(home)
            if output != "/dev/null" { try? Scratch.remove(output) }
        }
        let put = try conditions.sluice.peakResidentByteCountOnTwoProcessors([
            "put", source, "--as", "sparse", "--compress", compression, "--home", home,
        ])
        guard operation == .get else { return put }
        return try conditions.sluice.peakResidentByteCountOnTwoProcessors(
            ["get", "sparse", "-o", output, "--home", home])
    }
}

/// The most memory that the command holds when it does nothing.
struct PeakMemoryFloor: Workload {
    let conditions: Conditions
    let name = "sluice --version"
    let summary = "The largest resident set of a command that does nothing."
    let unit = WorkUnit.bytes

    func setUp() throws {
        try conditions.requireSluice()
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        { try conditions.sluice.peakResidentByteCountOnTwoProcessors(["--version"]) }
    }
}
