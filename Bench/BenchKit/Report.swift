internal import FoundationEssentials

/// Everything that one call of a benchmark found: what `result.json` holds.
///
/// Within a schema version fields are only added. Durations are in nanoseconds, rates in work a
/// second, ratios and shares are plain fractions; a ratio above 1 is always the better side's.
public struct Report: Codable, Sendable {
    /// The schema version that this code writes, and the only one that it reads.
    public static let currentSchemaVersion = 2

    /// What was asked for.
    public enum Kind: String, Codable, Sendable {
        /// Cells beside their references.
        case run
        /// A trial of two command lines.
        case ab
        /// Cells held against a baseline.
        case gate
        /// Other software on the same files.
        case peers
        /// The harness itself.
        case selftest
    }

    /// The schema version of this report.
    public let schemaVersion: Int
    /// What was asked for.
    public let kind: Kind
    /// The sizes and counts that were measured with, by name.
    public let profile: String
    /// When the measurement began, in UTC by ISO 8601.
    public let startedAt: String
    /// The command line that repeats it.
    public let command: [String]
    /// The seed that orders and data came from.
    public let seed: UInt64
    /// Where it was measured.
    public let fingerprint: Fingerprint
    /// In a trial, what A and B were, by their own account.
    public var sides: TrialFingerprints?
    /// In a trial, how often and how strictly it was looked at.
    public var plan: TrialPlan?
    /// The results, in the order in which they were measured.
    public var cells: [CellResult] = []
    /// The results of a trial.
    public var trials: [TrialResult] = []
    /// What a gate says of the cells.
    public var findings: [GateFinding] = []
    /// What the harness found about itself.
    public var selfChecks: [SelfCheck] = []
    /// Cells that could not be measured.
    public var failures: [CellFailure] = []
    /// What a reader should know, a sentence or two each.
    public var notes: [String] = []

    /// Begins a report now; what is found is added.
    public init(
        _ kind: Kind, profile: String, command: [String], seed: UInt64, fingerprint: Fingerprint
    ) {
        schemaVersion = Self.currentSchemaVersion
        self.kind = kind
        self.profile = profile
        startedAt = Date().formatted(.iso8601)
        self.command = command
        self.seed = seed
        self.fingerprint = fingerprint
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
        guard version.schemaVersion == Self.currentSchemaVersion else {
            throw .otherSchema(version.schemaVersion)
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

/// The fingerprints of the two sides of a trial.
public struct TrialFingerprints: Codable, Sendable {
    /// That of A.
    public let a: Fingerprint
    /// That of B.
    public let b: Fingerprint

    /// Joins the two.
    public init(a: Fingerprint, b: Fingerprint) {
        self.a = a
        self.b = b
    }
}

/// Why a report can't be read.
public enum ReportError: Error, Equatable {
    /// It isn't a report.
    case malformed
    /// It was written under this schema version, which isn't that of this code.
    case otherSchema(Int)
}
