internal import RealModule

/// The three sides of a trial.
public struct TrialSides {
    /// What was there before.
    public let a: Side
    /// What is judged.
    public let b: Side
    /// What bounds both, and shows how the machine fares meanwhile.
    public let ceiling: Side

    /// Names the sides.
    public init(a: Side, b: Side, ceiling: Side) {
        self.a = a
        self.b = b
        self.ceiling = ceiling
    }
}

/// Gathers the blocks of one cell's trial: `C A B B A C` or `C B A A B C`, as the seed has it.
///
/// Each block gives one log ratio of B to A, and one contrast of A with itself and B with itself that
/// would be zero but for noise: how much the machine makes equal things differ. No block is dropped
/// for its result, only when the host stole processor time during it.
public struct Trial {
    /// The cell's name.
    public let name: String
    let summary: String
    let unit: WorkUnit
    let figure: Figure
    let ceilingName: String
    let sliceCount: Int

    private(set) var blocks: [Block] = []
    private(set) var logRatios: [Double] = []
    private(set) var nullContrasts: [Double] = []
    private var a = SideRuns()
    private var b = SideRuns()
    private var ceiling = SideRuns()
    private var random: Xoshiro256

    /// Begins a trial of a cell.
    public init(_ cell: Cell, seed: UInt64) {
        self.init(
            name: cell.name, summary: cell.summary, unit: cell.unit, figure: cell.figure,
            ceilingName: cell.reference.workload.name, sliceCount: cell.sliceCount, seed: seed)
    }

    init(
        name: String, summary: String, unit: WorkUnit, figure: Figure, ceilingName: String,
        sliceCount: Int = 1, seed: UInt64
    ) {
        self.name = name
        self.summary = summary
        self.unit = unit
        self.figure = figure
        self.ceilingName = ceilingName
        self.sliceCount = sliceCount
        random = Xoshiro256(seed: seed)
    }

    /// How many blocks count.
    public var usableBlockCount: Int { logRatios.count }

    /// Runs blocks until `blockCount` count, or as many again have been dropped.
    ///
    /// After each block `onBlock` hears how many count and may end the trial by answering false; what
    /// has been measured is kept. Throws what a side throws, or `MeasurementError`.
    public mutating func extend(
        to blockCount: Int, _ sides: TrialSides, stolenFractionLimit: Double,
        processorTime: () -> ProcessorTime? = ProcessorTime.now,
        onBlock: (_ finishedCount: Int) -> Bool = { _ in true }
    ) throws {
        var droppedCount = 0
        var goesOn = true
        while goesOn, logRatios.count < blockCount, droppedCount < blockCount {
            for side in [sides.a, sides.b, sides.ceiling] { try side.prepare(2) }
            let before = processorTime()
            let runs = try runBlock(sides)
            let after = processorTime()
            for side in [sides.a, sides.b, sides.ceiling] { try side.finish() }
            let stolen = before.flatMap { before in after?.stolenFraction(since: before) }
            let isDropped = stolen.map { $0 > stolenFractionLimit } ?? false
            add(runs, stolenFraction: stolen, isDropped: isDropped)
            if isDropped { droppedCount += 1 }
            goesOn = onBlock(logRatios.count)
        }
        guard !logRatios.isEmpty else {
            throw MeasurementError.noUsableBlock(workload: name)
        }
    }

    // MARK: - Blocks

    private mutating func runBlock(
        _ sides: TrialSides
    ) throws -> [(timing: Block.Timing, run: Run)] {
        let inner: [Block.Role] = random.next() & 1 == 0 ? [.a, .b, .b, .a] : [.b, .a, .a, .b]
        let seeds = [random.next(), random.next()]
        let order = [.ceiling] + inner + [.ceiling]
        let sidesInOrder = order.map { role in
            switch role {
            case .a: sides.a
            case .b: sides.b
            case .ceiling: sides.ceiling
            }
        }
        var slices = [[Run]](repeating: [], count: order.count)
        for slice in 0..<sliceCount {
            for (position, side) in sidesInOrder.enumerated() {
                slices[position].append(try side.run(seeds[position / 3] &+ UInt64(slice)))
            }
        }
        return try order.indices.map { position in
            let run = Run(slices: slices[position])
            let value = try sidesInOrder[position].value(figure, of: run)
            return (Block.Timing(order[position], run, value: value), run)
        }
    }

    private mutating func add(
        _ runs: [(timing: Block.Timing, run: Run)], stolenFraction: Double?, isDropped: Bool
    ) {
        let timings = runs.map(\.timing)
        let before = Block.logValues(timings, .a, figure)
        let now = Block.logValues(timings, .b, figure)
        let logRatio = mean(now) - mean(before)
        blocks.append(
            Block(
                timings: timings, logRatio: logRatio, stolenFraction: stolenFraction,
                isDropped: isDropped))
        guard !isDropped else { return }
        logRatios.append(logRatio)
        // As a log ratio: the same four runs, the same variance, but no difference of sides in it.
        nullContrasts.append((before[0] - before[1] - (now[0] - now[1])) / 2)
        for (timing, run) in runs {
            switch timing.role {
            case .a: a.add(run, value: timing.value)
            case .b: b.add(run, value: timing.value)
            case .ceiling: ceiling.add(run, value: timing.value)
            }
        }
    }

    // MARK: - Results

    /// What was found, with what was decided; at least one block counts.
    func result(_ decision: TrialDecision, countChanges: [CountChange]) -> TrialResult {
        TrialResult(
            name: name, summary: summary, unit: unit, figure: figure, ceilingName: ceilingName,
            a: a.result(figure), b: b.result(figure), ceiling: ceiling.result(figure),
            ratio: RatioEstimate(logRatios: logRatios, confidence: decision.confidence),
            limit: 1 - .exp(-decision.logLimit), noiseFloor: 1 - .exp(-decision.logNoiseFloor),
            verdict: decision.verdict, lookCount: decision.lookCount, blocks: blocks,
            countChanges: countChanges)
    }
}
