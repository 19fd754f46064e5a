internal import Foundation
internal import SluiceNative
internal import TestSupport

/// Uses a store without a pause, and sees that nothing grows: not memory, descriptors, the write-ahead log,
/// or how long a get takes.
///
/// One process reads, writes, removes, rotates, rewraps, retires, revokes and gives back; another reads.
/// Each takes a sample every 10 s (of a short run, more often); the last third's medians may lie above the
/// second third's by a tenth and 8 MiB (memory), a tenth and 4 (descriptors), a quarter and 8 MiB (log), as
/// much again and 5 ms (99th percentile of gets; in runs of at least 5 minutes). The log is never longer
/// than ``SoakSamples/logByteLimit``.
enum Soak: Torture {
    static let name = "soak"
    static let summary = "readers, writers, rotations and revocations at once: nothing grows"
    static let counts = (suite: 20, full: 1800)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        let runner = plan.child()
        let arguments = [plan.directoryPath, "\(plan.count)", "\(plan.seed)"]
        try SoakLoad.make(in: plan.directoryPath)
        let users = try ["use", "read"].map { role in
            (role, try runner.start(["child", name, role] + arguments, input: []))
        }
        var report = TortureReport()
        report.count("seconds", 0)
        for (role, process) in users {
            let result = try process.wait()
            guard result.exitCode == 0, let own = TortureReport(lines: result.outputText) else {
                report.fail(
                    "seed \(plan.seed): \(role) ended with \(result.exitCode): "
                        + result.errorText)
                continue
            }
            report.add(own)
        }
        return report
    }

    static func child(_ arguments: [String]) throws {
        guard arguments.count == 4, let seconds = Int(arguments[2]),
            let seed = UInt64(arguments[3])
        else { preconditionFailure("child soak use|read DIRECTORY SECONDS SEED") }
        let load = try SoakLoad(in: arguments[1], seed: seed)
        let report =
            arguments[0] == "use"
            ? try load.use(seconds: seconds) : try load.read(seconds: seconds)
        print(report.lines)
    }
}
