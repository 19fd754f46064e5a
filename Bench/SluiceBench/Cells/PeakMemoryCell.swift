internal import SluiceNative

/// The most memory that `sluice put` or `sluice get` of a sparse file holds at once, on two
/// processors: once sealed as it is, once compressed with a chunk table.
struct PeakMemoryCell: LimitCell {
    /// What is run.
    enum Operation: String, Sendable {
        case put, get
    }

    let operation: Operation
    let conditions: Conditions
    let quantity = LimitQuantity.peakMemory
    let limit: UInt64 = 64 << 20
    let floorName = "sluice --version"
    let sampleCount = 1

    private var byteCount: Int { conditions.profile.sparseByteCount }
    var name: String { "\(operation.rawValue)-\(FigureText.size(byteCount))-peak-memory" }

    var summary: String {
        """
        The largest resident set of 'sluice \(operation.rawValue)' of a sparse file of \
        \(FigureText.size(byteCount)) in default chunks on two processors: the larger of that of a \
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

    func sample() throws -> UInt64 {
        let raw = try peak(compression: "none", output: "/dev/null")
        try conditions.interruption.check()
        return max(raw, try peak(compression: "lz4", output: "\(directory)/target"))
    }

    func floorSample() throws -> UInt64 {
        try measure(["--version"])
    }

    func tearDown() throws {
        try Scratch.remove(directory)
    }

    /// The peak of one put or get. What it needs of the disk is freed at once: the blob of a raw
    /// object is as large as the file.
    private func peak(compression: String, output: String) throws -> UInt64 {
        let home = "\(directory)/home"
        defer {
            // What stays is removed with the run's directory.
            try? Scratch.remove(home)
            if output != "/dev/null" { try? Scratch.remove(output) }
        }
        let put = try measure([
            "put", source, "--as", "sparse", "--compress", compression, "--home", home,
        ])
        guard operation == .get else { return put }
        return try measure(["get", "sparse", "-o", output, "--home", home])
    }

    /// Workers are as many as processors, so a larger machine is narrowed to two.
    private func measure(_ arguments: [String]) throws -> UInt64 {
        guard Processor.count > 2 else {
            return try conditions.sluice.peakResidentByteCount(arguments)
        }
        return try Subprocess(named: "taskset").peakResidentByteCount(
            ["-c", "0,1", conditions.sluice.path] + arguments)
    }
}
