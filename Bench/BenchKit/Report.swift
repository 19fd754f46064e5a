internal import FoundationEssentials

/// Everything that one call of a benchmark found: what `result.json` holds.
///
/// Within a schema version fields are only added. Durations are in nanoseconds, rates in work a
/// second, ratios are plain fractions.
public struct Report: Codable, Sendable {
    /// The schema version that this code writes.
    public static let currentSchemaVersion = 1

    /// The schema version of this report.
    public let schemaVersion: Int
    /// When the measurement began, in UTC by ISO 8601.
    public let startedAt: String
    /// The command line that repeats it.
    public let command: [String]
    /// The seed that orders and data came from.
    public let seed: UInt64
    /// Where it was measured.
    public let fingerprint: Fingerprint
    /// The results, in the order in which they were measured.
    public var cells: [CellResult]

    /// Begins a report now; cells are added as they are done.
    public init(command: [String], seed: UInt64, fingerprint: Fingerprint) {
        schemaVersion = Self.currentSchemaVersion
        startedAt = Date().formatted(.iso8601)
        self.command = command
        self.seed = seed
        self.fingerprint = fingerprint
        cells = []
    }

    /// Reads what `json()` wrote.
    ///
    /// Throws `ReportError`.
    public init(json: String) throws(ReportError) {
        struct Version: Decodable { let schemaVersion: Int }
        let data = Data(json.utf8)
        let decoder = JSONDecoder()
        guard let version = try? decoder.decode(Version.self, from: data) else {
            throw .malformed
        }
        guard version.schemaVersion <= Self.currentSchemaVersion else {
            throw .newerSchema(version.schemaVersion)
        }
        guard let report = try? decoder.decode(Report.self, from: data) else {
            throw .malformed
        }
        self = report
    }

    /// The report as JSON with sorted keys, so that two can be compared line by line.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

/// Why a report can't be read.
public enum ReportError: Error, Equatable {
    /// It isn't a report.
    case malformed
    /// It was written under this schema version, which is newer than this code.
    case newerSchema(Int)
}

/// What was found about one cell, beside its reference.
public struct CellResult: Codable, Sendable {
    /// The workload's name.
    public let name: String
    /// What it measures.
    public let summary: String
    /// What its work is counted in.
    public let unit: WorkUnit
    /// How many callers there were in the closed loop.
    public let callers: Int
    /// The name of what it was held against.
    public let referenceName: String
    /// What that means.
    public let referenceKind: Cell.ReferenceKind
    /// The comparison, in which A is the workload and B the reference.
    public let comparison: ComparisonResult
    /// What the ratio must keep to, if anything.
    public let bound: Bound?
    /// Whether it does.
    public let boundCheck: BoundCheck?
    /// The latencies under fixed rates of arrivals.
    public let openLoops: [OpenLoopResult]

    init(cell: Cell, comparison: ComparisonResult, openLoops: [OpenLoopResult]) {
        name = cell.workload.name
        summary = cell.workload.summary
        unit = cell.workload.unit
        callers = cell.loop.callers
        referenceName = cell.reference.name
        referenceKind = cell.referenceKind
        self.comparison = comparison
        bound = cell.bound
        boundCheck = cell.bound?.check(comparison.ratio)
        self.openLoops = openLoops
    }
}

/// The latencies of both sides under one rate of Poisson arrivals.
public struct OpenLoopResult: Codable, Sendable {
    /// The rate of arrivals.
    public let operationsPerSecond: Double
    /// How many callers served them.
    public let callers: Int
    /// What the workload did.
    public let workload: SideResult
    /// What the reference did.
    public let reference: SideResult

    /// What one side did.
    public struct SideResult: Codable, Sendable {
        /// How many operations were due.
        public let scheduledCount: Int
        /// How many of them weren't begun because the side had fallen too far behind.
        public let unstartedCount: Int
        /// From due to done.
        public let latency: LatencySummary?
        /// How late the harness itself woke for operations that it waited for.
        public let wakeLateness: LatencySummary?

        init(_ run: OpenRun) {
            scheduledCount = run.scheduledCount
            latency = run.latency.summary
            wakeLateness = run.wakeLateness.summary
            unstartedCount = scheduledCount - (latency?.count ?? 0)
        }
    }
}
