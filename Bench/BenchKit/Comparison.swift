internal import RealModule

/// One side of a comparison: what is run again and again.
public struct Side {
    /// What the side is called in errors.
    public let name: String
    /// Does one run with a seed.
    public let run: (UInt64) throws -> Run

    /// A side that is run in any way, as by another process.
    public init(name: String, run: @escaping (UInt64) throws -> Run) {
        self.name = name
        self.run = run
    }

    /// A side that is run here. Its workload must have been set up.
    public init(_ workload: any Workload, loop: ClosedLoop) {
        self.init(name: workload.name) { try loop.run(workload, seed: $0) }
    }
}

/// Compares two sides by alternating them, so that what disturbs the machine disturbs both.
///
/// After a warm-up of both come blocks of four runs, in the order A B B A or B A A B as the seed has
/// it; either order cancels a drift that is linear in time. Each block gives one log ratio of rates.
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

    /// Describes a comparison of 1 to 1,000 blocks.
    public init(
        blockCount: Int = 12, warmUpRunCount: Int = 1, confidence: Double = 0.95,
        stolenFractionLimit: Double = 0.02
    ) {
        precondition((1...1000).contains(blockCount), "1 to 1,000 blocks")
        self.blockCount = blockCount
        self.warmUpRunCount = warmUpRunCount
        self.confidence = confidence
        self.stolenFractionLimit = stolenFractionLimit
    }

    /// Compares `a` with `b`; the ratio is that of `a`'s rate to `b`'s.
    ///
    /// Dropped blocks are repeated, but no more than `2 * blockCount` are run in all. After each block
    /// `onBlock` hears how many count so far and may end the comparison by answering false; what has
    /// been measured is kept. Throws what a side throws, or `MeasurementError`.
    public func run(
        _ a: Side, against b: Side, seed: UInt64,
        processorTime: () -> ProcessorTime? = ProcessorTime.now,
        onBlock: (_ finishedCount: Int) -> Bool = { _ in true }
    ) throws -> ComparisonResult {
        var random = Xoshiro256(seed: seed)
        for _ in 0..<warmUpRunCount {
            let runSeed = random.next()
            _ = try a.run(runSeed)
            _ = try b.run(runSeed)
        }
        var measured = Measured()
        var goesOn = true
        while goesOn, measured.logRatios.count < blockCount, measured.blocks.count < 2 * blockCount
        {
            let before = processorTime()
            let runs = try runBlock(a, b, using: &random)
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
            a: measured.a.result, b: measured.b.result, blocks: measured.blocks)
    }

    private func runBlock(
        _ a: Side, _ b: Side, using random: inout Xoshiro256
    ) throws -> [(role: Block.Role, run: Run)] {
        let order: [Block.Role] = random.next() & 1 == 0 ? [.a, .b, .b, .a] : [.b, .a, .a, .b]
        let seeds = [random.next(), random.next()]
        return try order.enumerated().map { position, role in
            // Both sides meet the first seed in the first half, and the second in the second.
            let side = role == .a ? a : b
            let run = try side.run(seeds[position / 2])
            guard run.work > 0, run.elapsedNanoseconds > 0 else {
                throw MeasurementError.nothingMeasured(workload: side.name)
            }
            return (role, run)
        }
    }
}

/// What a comparison found.
public struct ComparisonResult: Codable, Sendable {
    /// The rate of A divided by that of B.
    public let ratio: RatioEstimate
    /// What A did.
    public let a: SideResult
    /// What B did.
    public let b: SideResult
    /// All blocks in the order in which they ran, the dropped ones too.
    public let blocks: [Block]
}

/// What one side did in the blocks that count.
public struct SideResult: Codable, Sendable {
    /// The median of its runs' rates, in work a second.
    public let ratePerSecond: Double
    /// The durations of its operations.
    public let latency: LatencySummary?
}

/// Runs of both sides that belong together.
public struct Block: Codable, Sendable {
    /// Which side a run is of.
    public enum Role: String, Codable, Sendable {
        /// The first, whose rate is the numerator of the ratio.
        case a = "A"
        /// The second.
        case b = "B"
    }

    /// One run in the block.
    public struct Timing: Codable, Sendable {
        /// Whose run it is.
        public let role: Role
        /// The work done, in the workload's unit.
        public let work: Int
        /// How long it took.
        public let elapsedNanoseconds: UInt64

        /// The work done a second.
        public var ratePerSecond: Double { Double(work) * 1e9 / Double(elapsedNanoseconds) }
    }

    /// The runs in the order in which they ran.
    public let timings: [Timing]
    /// The mean of A's log rates less the mean of B's.
    public let logRatio: Double
    /// The share of processor time that the host took away; nothing where it isn't known.
    public let stolenFraction: Double?
    /// Whether the block doesn't count because too much was stolen.
    public let isDropped: Bool
}

// MARK: - Gathering

/// What has been measured so far.
private struct Measured {
    var a = MeasuredSide()
    var b = MeasuredSide()
    var blocks: [Block] = []
    var logRatios: [Double] = []

    mutating func add(
        _ runs: [(role: Block.Role, run: Run)], stolenFraction: Double?, limit: Double
    ) {
        let timings = runs.map { role, run in
            Block.Timing(role: role, work: run.work, elapsedNanoseconds: run.elapsedNanoseconds)
        }
        let logRatio = timings.reduce(0) { sum, timing in
            let logRate = Double.log(timing.ratePerSecond)
            return sum + (timing.role == .a ? logRate : -logRate) / 2
        }
        let isDropped = stolenFraction.map { $0 > limit } ?? false
        blocks.append(
            Block(
                timings: timings, logRatio: logRatio, stolenFraction: stolenFraction,
                isDropped: isDropped))
        guard !isDropped else { return }
        logRatios.append(logRatio)
        for (timing, (role, run)) in zip(timings, runs) {
            switch role {
            case .a: a.add(timing, run)
            case .b: b.add(timing, run)
            }
        }
    }
}

private struct MeasuredSide {
    private var rates: [Double] = []
    private var latency = LatencyRecorder()

    mutating func add(_ timing: Block.Timing, _ run: Run) {
        rates.append(timing.ratePerSecond)
        if let durations = run.latency { latency.add(durations) }
    }

    var result: SideResult {
        SideResult(ratePerSecond: median(ofSorted: rates.sorted()), latency: latency.summary)
    }
}
