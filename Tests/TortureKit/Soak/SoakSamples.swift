internal import Foundation
internal import SluiceNative
internal import Synchronization

/// How long gets took since the last sample; for several threads at once.
final class LatencyGauge: Sendable {
    private let nanoseconds = Mutex<[Int]>([])

    func add(_ value: Int) { nanoseconds.withLock { $0.append(value) } }

    /// The 99th percentile in microseconds, and how many there were; then begins anew.
    func takePercentile99() -> (microseconds: Int, count: Int) {
        let values = nanoseconds.withLock { values in
            defer { values.removeAll(keepingCapacity: true) }
            return values.sorted()
        }
        guard !values.isEmpty else { return (0, 0) }
        return (values[min(values.count - 1, values.count * 99 / 100)] / 1000, values.count)
    }
}

/// What a process is like at one moment of a soak.
struct SoakSample {
    let residentByteCount: Int
    let descriptorCount: Int
    /// The length of the catalog's write-ahead log.
    let logByteCount: Int
    /// Of the gets since the sample before.
    let getMicroseconds: Int

    /// This process, now.
    static func take(storePath: String, _ gauge: LatencyGauge) -> SoakSample {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }?
            .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let log = try? FileSystem.status("\(storePath)/catalog.db-wal")
        return SoakSample(
            residentByteCount: (resident ?? 0) * 1024, descriptorCount: descriptors?.count ?? 0,
            logByteCount: log?.byteCount ?? 0,
            getMicroseconds: gauge.takePercentile99().microseconds)
    }

    /// As a line of text, and back.
    var line: String {
        "\(residentByteCount) \(descriptorCount) \(logByteCount) \(getMicroseconds)"
    }

    init(
        residentByteCount: Int, descriptorCount: Int, logByteCount: Int, getMicroseconds: Int
    ) {
        self.residentByteCount = residentByteCount
        self.descriptorCount = descriptorCount
        self.logByteCount = logByteCount
        self.getMicroseconds = getMicroseconds
    }

    init?(line: Substring) {
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 4 else { return nil }
        self.init(
            residentByteCount: numbers[0], descriptorCount: numbers[1], logByteCount: numbers[2],
            getMicroseconds: numbers[3])
    }
}

/// The samples of one process, and what may be said of them.
struct SoakSamples {
    /// A log is moved into the database at 8 MiB, and begun anew as soon as no reader needs the end of
    /// the old one; what is written until then comes on top.
    static let logByteLimit = 32 << 20

    private let process: String
    private let samples: [SoakSample]

    init(_ process: String, _ samples: [SoakSample]) {
        self.process = process
        self.samples = samples
    }

    /// Compares the last third with the second: the first may warm up.
    ///
    /// - Parameter isLong: Whether latency is judged too. A short run says nothing about it: something
    ///   else may have had the machine.
    func judge(isLong: Bool, _ report: inout TortureReport) {
        report.count("\(process): MiB of memory at most", most(\.residentByteCount) >> 20)
        report.count("\(process): descriptors at most", most(\.descriptorCount))
        report.count("\(process): KiB of log at most", most(\.logByteCount) >> 10)
        report.count("\(process): us for 99 of 100 gets at most", most(\.getMicroseconds))
        if most(\.logByteCount) > Self.logByteLimit {
            report.fail(
                "\(process): the log was \(most(\.logByteCount)) bytes long: checkpoints starve")
        }
        guard samples.count >= 6 else { return }
        compare("memory (bytes)", \.residentByteCount, parts: 10, plus: 8 << 20, &report)
        compare("descriptors", \.descriptorCount, parts: 10, plus: 4, &report)
        // Whether it grows, and not where between its bounds it is.
        compare("log (bytes)", \.logByteCount, parts: 4, plus: 8 << 20, &report)
        if isLong { compare("get (us)", \.getMicroseconds, parts: 1, plus: 5000, &report) }
    }

    private func most(_ value: KeyPath<SoakSample, Int>) -> Int {
        samples.map { $0[keyPath: value] }.max() ?? 0
    }

    /// Fails if the median of the last third is above that of the second by a part and a constant.
    private func compare(
        _ what: String, _ value: KeyPath<SoakSample, Int>, parts: Int, plus constant: Int,
        _ report: inout TortureReport
    ) {
        let third = samples.count / 3
        let second = median(samples[third..<2 * third].map { $0[keyPath: value] })
        let last = median(samples[(2 * third)...].map { $0[keyPath: value] })
        guard last > second + second / parts + constant else { return }
        report.fail("\(process): \(what) grows: \(second) in the second third, \(last) in the last")
    }

    private func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }
}
