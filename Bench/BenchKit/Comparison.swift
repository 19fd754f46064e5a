/// One side of a comparison: what is run again and again.
public struct Side {
    /// What the side is called in errors.
    public let name: String
    /// Does one run with a seed, or the next slice of the run whose turn it is.
    public let run: (UInt64) throws -> Run
    /// Makes so many runs ready, before any of a block begins; their slices take turns.
    let prepare: (_ runCount: Int) throws -> Void
    /// Clears up after the last run of a block.
    let finish: () throws -> Void

    /// A side that is run in any way, as by another process.
    public init(
        name: String, prepare: @escaping (_ runCount: Int) throws -> Void = { _ in },
        finish: @escaping () throws -> Void = {}, run: @escaping (UInt64) throws -> Run
    ) {
        self.name = name
        self.prepare = prepare
        self.finish = finish
        self.run = run
    }

    /// A side that is run here. Its workload must have been set up.
    public init(_ subject: Subject) {
        self.init(name: subject.workload.name) { try subject.run(seed: $0) }
    }

    /// Reads the figure off a run.
    func value(_ figure: Figure, of run: Run) throws -> Double {
        guard let value = figure.value(of: run) else {
            throw MeasurementError.nothingMeasured(workload: name)
        }
        return value
    }
}

/// Compares two sides by alternating them, so that what disturbs the machine disturbs both.
///
/// After a warm-up of both come blocks of four runs, in the order A B B A or B A A B as the seed has
/// it; either order cancels a drift that is linear in time. Each block gives one log ratio of values.
/// No block is dropped for its result, only when the host stole processor time during it.
public struct Comparison: Sendable {
    /// How many blocks are wanted. 95 % confidence takes 6, a verdict should have 12.
    public let blockCount: Int
    /// How many runs of each side come first and don't count.
    public let warmUpRunCount: Int
    /// The confidence of the interval, as 0.95.
    public let confidence: Double
    /// A block is dropped when more than this share of its processor time was stolen.
    public let stolenFractionLimit: Double

    /// Describes a comparison of 1 to 500 blocks.
    public init(
        blockCount: Int = 12, warmUpRunCount: Int = 1, confidence: Double = 0.95,
        stolenFractionLimit: Double = 0.02
    ) {
        precondition((1...500).contains(blockCount), "1 to 500 blocks")
        self.blockCount = blockCount
        self.warmUpRunCount = warmUpRunCount
        self.confidence = confidence
        self.stolenFractionLimit = stolenFractionLimit
    }

    /// Compares `a` with `b`; the ratio says how many times better `a` is.
    ///
    /// Dropped blocks are repeated, but no more than `2 * blockCount` are run in all. After each block
    /// `onBlock` hears how many count so far and may end the comparison by answering false; what has
    /// been measured is kept. Throws what a side throws, or `MeasurementError`.
    public func run(
        _ a: Side, against b: Side, figure: Figure = .rate, seed: UInt64,
        processorTime: () -> ProcessorTime? = ProcessorTime.now,
        onBlock: (_ finishedCount: Int) -> Bool = { _ in true }
    ) throws -> ComparisonResult {
        var random = Xoshiro256(seed: seed)
        for _ in 0..<warmUpRunCount {
            let runSeed = random.next()
            _ = try a.run(runSeed)
            _ = try b.run(runSeed)
        }
        var measured = Measured(figure: figure)
        var goesOn = true
        while goesOn, measured.logRatios.count < blockCount, measured.blocks.count < 2 * blockCount
        {
            let before = processorTime()
            let runs = try runBlock(a, b, figure, using: &random)
            let after = processorTime()
            let stolen = before.flatMap { before in after?.stolenFraction(since: before) }
            measured.add(runs, stolenFraction: stolen, limit: stolenFractionLimit)
            goesOn = onBlock(measured.logRatios.count)
        }
        guard !measured.logRatios.isEmpty else {
            throw MeasurementError.noUsableBlock(workload: a.name)
        }
        return ComparisonResult(
            ratio: RatioEstimate(logRatios: measured.logRatios, confidence: confidence),
            a: measured.a.result(figure), b: measured.b.result(figure), blocks: measured.blocks)
    }

    private func runBlock(
        _ a: Side, _ b: Side, _ figure: Figure, using random: inout Xoshiro256
    ) throws -> [(timing: Block.Timing, run: Run)] {
        let order: [Block.Role] = random.next() & 1 == 0 ? [.a, .b, .b, .a] : [.b, .a, .a, .b]
        let seeds = [random.next(), random.next()]
        return try order.enumerated().map { position, role in
            // Both sides meet the first seed in the first half, and the second in the second.
            let side = role == .a ? a : b
            let run = try side.run(seeds[position / 2])
            return (Block.Timing(role, run, value: try side.value(figure, of: run)), run)
        }
    }
}

/// What a comparison found.
public struct ComparisonResult: Codable, Sendable {
    /// How many times better A is than B: of rates the quotient, of durations its inverse.
    public let ratio: RatioEstimate
    /// What A did.
    public let a: SideResult
    /// What B did.
    public let b: SideResult
    /// All blocks in the order in which they ran, the dropped ones too.
    public let blocks: [Block]
}

// MARK: - Gathering

/// What has been measured so far.
private struct Measured {
    let figure: Figure
    var a = SideRuns()
    var b = SideRuns()
    var blocks: [Block] = []
    var logRatios: [Double] = []

    init(figure: Figure) {
        self.figure = figure
    }

    mutating func add(
        _ runs: [(timing: Block.Timing, run: Run)], stolenFraction: Double?, limit: Double
    ) {
        let timings = runs.map(\.timing)
        let logRatio =
            mean(Block.logValues(timings, .a, figure)) - mean(Block.logValues(timings, .b, figure))
        let isDropped = stolenFraction.map { $0 > limit } ?? false
        blocks.append(
            Block(
                timings: timings, logRatio: logRatio, stolenFraction: stolenFraction,
                isDropped: isDropped))
        guard !isDropped else { return }
        logRatios.append(logRatio)
        for (timing, run) in runs {
            switch timing.role {
            case .a: a.add(run, value: timing.value)
            case .b, .ceiling: b.add(run, value: timing.value)
            }
        }
    }
}

/// The mean of at least one value.
func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}
