/// What was found about one cell, beside its reference.
public struct CellResult: Codable, Sendable {
    /// The workload's name.
    public let name: String
    /// What it measures.
    public let summary: String
    /// What its work is counted in.
    public let unit: WorkUnit
    /// What the values of both sides are.
    public let figure: Figure
    /// How many callers there were.
    public let callers: Int
    /// The rate of arrivals, in an open loop.
    public let arrivalsPerSecond: Double?
    /// The name of what it was held against.
    public let referenceName: String
    /// What that means.
    public let referenceKind: Cell.ReferenceKind
    /// The comparison, in which A is the workload and B the reference.
    public let comparison: ComparisonResult
    /// What the result must keep to, if anything.
    public let bound: Bound?
    /// Whether it does.
    public let boundCheck: BoundCheck?
    /// What operations took, exactly.
    public let counts: CountResult?

    init(cell: Cell, comparison: ComparisonResult, counts: CountResult?) {
        name = cell.name
        summary = cell.summary
        unit = cell.unit
        figure = cell.figure
        callers = cell.subject.loop.callers
        arrivalsPerSecond = cell.subject.loop.arrivalsPerSecond
        referenceName = cell.reference.workload.name
        referenceKind = cell.referenceKind
        self.comparison = comparison
        bound = cell.bound
        boundCheck = cell.bound?.check(comparison)
        self.counts = counts
    }
}

/// A cell that could not be measured.
public struct CellFailure: Codable, Sendable {
    /// The cell's name.
    public let name: String
    /// What happened, for people.
    public let reason: String

    /// Notes a failure.
    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
