internal import BenchKit

/// One figure that is measured, beside its ceiling.
enum BenchCell {
    /// Rates of two workloads under the same loop.
    case rate(Cell)
    /// Two sides that need more than that.
    case pair(any PairCell)
    /// A figure with a limit of its own.
    case limit(any LimitCell)

    /// The name that `--filter` matches.
    var name: String {
        switch self {
        case .rate(let cell): cell.workload.name
        case .pair(let cell): cell.name
        case .limit(let cell): cell.name
        }
    }

    /// What is measured.
    var summary: String {
        switch self {
        case .rate(let cell): cell.workload.summary
        case .pair(let cell): cell.summary
        case .limit(let cell): cell.summary
        }
    }

    /// What it is held against.
    var reference: String {
        switch self {
        case .rate(let cell): "\(cell.referenceKind.rawValue): \(cell.reference.name)"
        case .pair(let cell): "\(cell.referenceKind.rawValue): \(cell.referenceName)"
        case .limit(let cell): "floor: \(cell.floorName)"
        }
    }

    /// What the result must keep to.
    var bound: String {
        switch self {
        case .rate(let cell): cell.bound.map(ResultRow.text) ?? "none"
        case .pair(let cell): ResultRow.text(cell.bound)
        case .limit(let cell): "at most \(cell.quantity.text(Double(cell.limit)))"
        }
    }
}

/// Two sides that BenchKit's `Cell` can't hold, for it has one loop and compares rates of work.
protocol PairCell: Sendable {
    var name: String { get }
    var summary: String { get }
    /// What the compared rates are of.
    var figure: PairFigure { get }
    var referenceName: String { get }
    var referenceKind: Cell.ReferenceKind { get }
    /// What the ratio of the rates must keep to.
    var bound: Bound { get }

    /// Makes what both sides need.
    func setUp() throws
    /// What is measured, and what it is held against.
    func sides() -> (measured: Side, reference: Side)
    /// Removes what `setUp` made, even after one that failed.
    func tearDown() throws
}

/// What a pair's rates are of.
enum PairFigure: String, Codable, Sendable {
    /// Operations a second.
    case rate
    /// One over the median duration of an operation.
    case medianLatency
}

/// A figure that is held against a limit, beside a floor that shows what the machine takes anyway.
protocol LimitCell: Sendable {
    var name: String { get }
    var summary: String { get }
    var quantity: LimitQuantity { get }
    /// The most that the figure may be.
    var limit: UInt64 { get }
    var floorName: String { get }
    /// How many samples are taken, at most 1,000.
    var sampleCount: Int { get }

    func setUp() throws
    /// Measures once.
    func sample() throws -> UInt64
    /// Measures the floor once.
    func floorSample() throws -> UInt64
    /// Removes what `setUp` made, even after one that failed.
    func tearDown() throws
}

/// What a limited figure is of, and with that how samples become one figure.
enum LimitQuantity: String, Codable, Sendable {
    /// Nanoseconds; the figure is the centre of the samples, with an interval.
    case duration
    /// Bytes of memory; the figure is the largest sample.
    case peakMemory

    /// An amount of it, for people.
    func text(_ value: Double) -> String {
        switch self {
        case .duration: FigureText.duration(nanoseconds: value)
        case .peakMemory: FigureText.memory(value)
        }
    }
}
