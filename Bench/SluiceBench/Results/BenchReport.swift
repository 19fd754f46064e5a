internal import BenchKit
internal import FoundationEssentials

/// Everything that one run found: what `result.json` holds.
///
/// Within a schema version fields are only added. Durations are in nanoseconds, rates in work a
/// second; a ratio is that of the measured side's rate to the reference's.
struct BenchReport: Codable {
    /// Under which schema this is written.
    var schemaVersion = 1
    /// Sizes and counts.
    var profile: Profile
    /// When, where and how it was measured, and the cells that compare rates under one loop.
    var report: Report
    /// Cells with two sides of another kind.
    var pairs: [PairResult] = []
    /// Cells with a limit of their own.
    var limits: [LimitResult] = []
    /// Cells that could not be measured.
    var failures: [CellFailure] = []
    /// The names of the cells in the order in which they were measured.
    var order: [String] = []

    /// Adds what a cell found.
    mutating func add(_ outcome: CellOutcome) {
        order.append(outcome.name)
        switch outcome {
        case .rate(let result): report.cells.append(result)
        case .pair(let result): pairs.append(result)
        case .limit(let result): limits.append(result)
        }
    }

    /// The report as JSON with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

/// A cell that could not be measured.
struct CellFailure: Codable {
    var name: String
    var reason: String
}

/// What a cell found.
enum CellOutcome {
    case rate(CellResult)
    case pair(PairResult)
    case limit(LimitResult)

    /// The cell's name.
    var name: String {
        switch self {
        case .rate(let result): result.name
        case .pair(let result): result.name
        case .limit(let result): result.name
        }
    }
}

/// What was found about a pair.
struct PairResult: Codable {
    var name: String
    var summary: String
    var figure: PairFigure
    var referenceName: String
    var referenceKind: Cell.ReferenceKind
    /// The comparison, in which A is what was measured and B the reference.
    var comparison: BenchKit.ComparisonResult
    var bound: Bound
    var boundCheck: BoundCheck

    init(_ cell: any PairCell, _ comparison: BenchKit.ComparisonResult) {
        name = cell.name
        summary = cell.summary
        figure = cell.figure
        referenceName = cell.referenceName
        referenceKind = cell.referenceKind
        self.comparison = comparison
        bound = cell.bound
        boundCheck = cell.bound.check(comparison.ratio)
    }
}

/// What was found about a figure with a limit.
struct LimitResult: Codable {
    /// The confidence of the interval.
    static let confidence = 0.95

    var name: String
    var summary: String
    var quantity: LimitQuantity
    var limit: UInt64
    /// The figure: the centre of the samples, or the largest.
    var value: Double
    /// The ends of the interval of a centre, if there were samples enough.
    var lower: Double?
    var upper: Double?
    var samples: [UInt64]
    var floorName: String
    /// The floor, found in the same way.
    var floorValue: Double
    var floorSamples: [UInt64]
    var boundCheck: BoundCheck

    /// There is at least one sample of each.
    init(_ cell: any LimitCell, samples: [UInt64], floorSamples: [UInt64]) {
        name = cell.name
        summary = cell.summary
        quantity = cell.quantity
        limit = cell.limit
        self.samples = samples
        floorName = cell.floorName
        self.floorSamples = floorSamples
        let limit = Double(cell.limit)
        switch cell.quantity {
        case .peakMemory:
            value = Double(samples.max() ?? 0)
            floorValue = Double(floorSamples.max() ?? 0)
            boundCheck = value <= limit ? .within : .notWithin
        case .duration:
            let ranks = SignedRank(samples.map { Double($0) })
            let interval = ranks.interval(confidence: Self.confidence)
            value = ranks.estimate
            floorValue = SignedRank(floorSamples.map { Double($0) }).estimate
            lower = interval?.lowerBound
            upper = interval?.upperBound
            boundCheck =
                interval.map {
                    $0.upperBound <= limit
                        ? .within : $0.lowerBound > limit ? .notWithin : .inconclusive
                } ?? .inconclusive
        }
    }
}
