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
    /// Whatever else figures depend on: libraries with their versions, compiler, compile flags.
    public let software: [String: String]
    /// What is being measured, as its commit: it may differ where figures are compared.
    public let subject: [String: String]

    /// The fingerprint of this machine.
    public static func current(
        fileSystem: String, software: [String: String] = [:], subject: [String: String] = [:]
    ) -> Fingerprint {
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
            fileSystem: fileSystem, software: software, subject: subject)
    }

    /// What it says, by name, in an order for people; without the subject.
    public var lines: [(name: String, value: String)] {
        [
            ("processor", "\(processorCount) × \(processor)"),
            ("processor flags", processorFlags.joined(separator: " ")),
            ("memory", Figures.memory(byteCount: Double(memoryByteCount))), ("kernel", kernel),
            ("operating system", operatingSystem), ("file system", fileSystem),
        ] + software.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What differs, by name, without regard to the subject: nothing when figures can be compared.
    public func differences(from other: Fingerprint) -> [FingerprintDifference] {
        let own = Dictionary(lines, uniquingKeysWith: { first, _ in first })
        let others = Dictionary(other.lines, uniquingKeysWith: { first, _ in first })
        return Set(own.keys).union(others.keys).filter { own[$0] != others[$0] }.sorted().map {
            FingerprintDifference(name: $0, own: own[$0], other: others[$0])
        }
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
