internal import BenchKit
internal import SluiceNative

/// Measures cells one after another, and writes the report after each.
struct BenchRun {
    private let cells: [BenchCell]
    private let conditions: Conditions
    private let output: Directory
    private var progress: ProgressLine?
    /// What has been found so far.
    private(set) var result: BenchReport

    /// Prepares to measure `cells` and to write to the directory `output`, which is made.
    init(
        cells: [BenchCell], conditions: Conditions, output: String, command: [String]
    ) throws {
        self.cells = cells
        self.conditions = conditions
        try FileSystem.makeDirectories(output)
        self.output = try Directory.open(output)
        progress = ProgressLine(cellCount: cells.count)
        result = BenchReport(
            profile: conditions.profile,
            report: Report(
                command: command, seed: conditions.seed,
                fingerprint: try .withLibraries(measuringIn: conditions.scratch)))
    }

    /// Measures every cell; one that can't be measured doesn't keep the others from it.
    mutating func measure() throws {
        defer { progress?.finish() }
        for cell in cells where !conditions.interruption.isRequested {
            progress?.begin(cell.name)
            do {
                result.add(try measure(cell))
            } catch {
                // After Ctrl-C whatever fails, a program that got the signal too, is part of it.
                guard !conditions.interruption.isRequested else { break }
                result.failures.append(CellFailure(name: cell.name, reason: "\(error)"))
            }
            progress?.endCell()
            try write()
        }
        try write()
    }

    // MARK: Kinds of cells

    private func measure(_ cell: BenchCell) throws -> CellOutcome {
        let comparison = Comparison(blockCount: conditions.profile.blockCount)
        let progress = progress
        func goesOn(_ finishedCount: Int) -> Bool {
            progress?.update(Double(finishedCount) / Double(comparison.blockCount))
            return !conditions.interruption.isRequested
        }
        switch cell {
        case .rate(let cell):
            return .rate(try cell.measure(comparison, seed: conditions.seed, onBlock: goesOn))
        case .pair(let cell):
            return try withSetUp(cell.setUp, cell.tearDown) {
                let sides = cell.sides()
                let found = try comparison.run(
                    sides.measured, against: sides.reference, seed: conditions.seed,
                    onBlock: goesOn)
                return .pair(PairResult(cell, found))
            }
        case .limit(let cell):
            return try withSetUp(cell.setUp, cell.tearDown) { .limit(try sample(cell)) }
        }
    }

    private func sample(_ cell: any LimitCell) throws -> LimitResult {
        var samples: [UInt64] = []
        var floorSamples: [UInt64] = []
        for index in 0..<cell.sampleCount {
            // In turns, so that a drift of the machine is a drift of both.
            if index % 2 == 0 { samples.append(try cell.sample()) }
            floorSamples.append(try cell.floorSample())
            if index % 2 == 1 { samples.append(try cell.sample()) }
            progress?.update(Double(index + 1) / Double(cell.sampleCount))
            if conditions.interruption.isRequested { break }
        }
        // What took nothing wasn't measured, and must not pass for within its limit.
        guard !samples.isEmpty, !samples.contains(0) else {
            throw MeasurementError.nothingMeasured(workload: cell.name)
        }
        return LimitResult(cell, samples: samples, floorSamples: floorSamples)
    }

    /// Tears down whatever happens; the error of `body` counts for more than that of tearing down.
    private func withSetUp<Success>(
        _ setUp: () throws -> Void, _ tearDown: () throws -> Void, _ body: () throws -> Success
    ) throws -> Success {
        let result = Result {
            try setUp()
            return try body()
        }
        let tornDown = Result { try tearDown() }
        let success = try result.get()
        try tornDown.get()
        return success
    }

    // MARK: Files

    private func write() throws {
        try write(result.json(), to: "result.json")
        try write(result.markdown, to: "report.md")
    }

    /// Puts a file in the place of the old one, so that a reader finds either.
    private func write(_ text: String, to name: String) throws {
        let partialName = ".\(name).partial"
        try Scratch.remove("\(output.path)/\(partialName)")
        try output.createExclusively(partialName, mode: 0o644).write(Array(text.utf8).span)
        try output.replace(name, with: partialName)
    }
}
