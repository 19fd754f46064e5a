internal import FoundationEssentials

/// The processor time that the machine has spent since it booted, in clock ticks of all its cores.
public struct ProcessorTime: Equatable, Sendable {
    /// Everything: busy, idle and stolen.
    public let total: UInt64
    /// What the host gave to other machines while this one wanted to run.
    public let stolen: UInt64

    /// Describes a reading.
    public init(total: UInt64, stolen: UInt64) {
        self.total = total
        self.stolen = stolen
    }

    /// Reads the text of Linux's `/proc/stat`; nothing if it isn't such a text.
    public init?(procStat: String) {
        guard let line = procStat.split(separator: "\n").first, line.hasPrefix("cpu ") else {
            return nil
        }
        // user nice system idle iowait irq softirq steal; guest times are within user and nice.
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard ticks.count == 8 else { return nil }
        self.init(total: ticks.reduce(0, +), stolen: ticks[7])
    }

    /// What has been spent until now; nothing where the system doesn't say.
    public static func now() -> ProcessorTime? {
        (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)).flatMap(Self.init(procStat:))
    }

    /// The share of the time since an earlier reading that was stolen, in 0...1.
    public func stolenFraction(since earlier: ProcessorTime) -> Double {
        guard total > earlier.total, stolen >= earlier.stolen else { return 0 }
        return Double(stolen - earlier.stolen) / Double(total - earlier.total)
    }
}
