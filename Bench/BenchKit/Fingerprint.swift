internal import FoundationEssentials

/// The machine and the software that a measurement belongs to; figures of different ones don't compare.
public struct Fingerprint: Codable, Equatable, Sendable {
    /// The processor's model name, or `unknown`.
    public let processor: String
    /// The processor's feature flags in ascending order.
    public let processorFlags: [String]
    /// How many logical processors this process may use.
    public let processorCount: Int
    /// The machine's memory.
    public let memoryByteCount: UInt64
    /// The kernel's release, or `unknown`.
    public let kernel: String
    /// The operating system's name and version.
    public let operatingSystem: String
    /// The type of the file system that was measured on, as the caller knows it.
    public let fileSystem: String
    /// Whatever else the caller knows to matter: library versions, commit, compile flags.
    public let extra: [String: String]

    /// The fingerprint of this machine.
    public static func current(fileSystem: String, extra: [String: String] = [:]) -> Fingerprint {
        func text(_ path: String) -> String {
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }
        let process = ProcessInfo.processInfo
        let cpuInfo = text("/proc/cpuinfo")
        let kernel = text("/proc/sys/kernel/osrelease").prefix { $0 != "\n" }
        return Fingerprint(
            processor: value(of: ["model name", "Model"], in: cpuInfo) ?? "unknown",
            processorFlags: (value(of: ["flags", "Features"], in: cpuInfo) ?? "")
                .split(separator: " ").map(String.init).sorted(),
            processorCount: process.activeProcessorCount,
            memoryByteCount: process.physicalMemory,
            kernel: kernel.isEmpty ? "unknown" : String(kernel),
            operatingSystem: process.operatingSystemVersionString,
            fileSystem: fileSystem, extra: extra)
    }

    /// The first value in Linux's `/proc/cpuinfo` under any of the names, which differ by architecture.
    static func value(of names: [String], in cpuInfo: String) -> String? {
        for line in cpuInfo.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].filter { $0 != "\t" }
            if names.contains(name) { return String(parts[1].drop { $0 == " " }) }
        }
        return nil
    }
}
