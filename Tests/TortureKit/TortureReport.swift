/// What a torture did and found.
public struct TortureReport: Sendable {
    /// What it counted, the first being what the plan's count is about: `(100000, "states")`.
    public private(set) var counts: [(count: Int, what: String)] = []
    /// What went wrong, a line each, with what repeats it; at most 20 are kept.
    public private(set) var failures: [String] = []
    /// How much went wrong.
    public private(set) var failureCount = 0

    /// Why nothing was done, if this machine doesn't allow it.
    public private(set) var skipReason: String?

    /// A report of nothing.
    public init() {}

    /// What can't be done here, and why: reported, and never taken for done.
    public static func skipped(_ reason: String) -> TortureReport {
        var report = TortureReport()
        report.skipReason = reason
        return report
    }

    /// Counts.
    public mutating func count(_ what: String, _ count: Int = 1) {
        if let index = counts.firstIndex(where: { $0.what == what }) {
            counts[index].count += count
        } else {
            counts.append((count, what))
        }
    }

    /// Notes something that went wrong.
    public mutating func fail(_ failure: String) {
        failureCount += 1
        if failures.count < 20 { failures.append(failure) }
    }

    /// Adds another part's report.
    public mutating func add(_ other: TortureReport) {
        for (number, what) in other.counts { count(what, number) }
        for failure in other.failures.prefix(20 - failures.count) { failures.append(failure) }
        failureCount += other.failureCount
    }

    /// What was counted, as in "100000 states, 5000 crashes during recovery".
    public var summary: String {
        if let skipReason { return "skipped: \(skipReason)" }
        return counts.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
    }
}

// MARK: - From a process to the one that started it

extension TortureReport {
    /// The report as lines of text.
    var lines: String {
        var lines = counts.map { "count\t\($0.count)\t\($0.what)" }
        lines += failures.map { "fail\t" + $0.replacing("\n", with: " ") }
        lines.append("end\t\(failureCount)\t\(skipReason ?? "")")
        return lines.joined(separator: "\n")
    }

    /// A report from its lines; nil if they aren't whole.
    init?(lines text: String) {
        var isWhole = false
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            switch fields.first {
            case "count" where fields.count == 3:
                guard let number = Int(fields[1]) else { return nil }
                count(String(fields[2]), number)
            case "fail" where fields.count >= 2:
                failures.append(fields.dropFirst().joined(separator: " "))
            case "end" where fields.count == 3:
                guard let number = Int(fields[1]) else { return nil }
                failureCount = number
                skipReason = fields[2].isEmpty ? nil : String(fields[2])
                isWhole = true
            default: return nil
            }
        }
        guard isWhole else { return nil }
    }
}
