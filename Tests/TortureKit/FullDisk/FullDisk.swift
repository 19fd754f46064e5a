internal import Foundation
internal import SluiceNative
internal import TestSupport

/// Does everything on a disk that is all but full, at each 4 KiB of space that is left, and on one that has
/// all but no inodes left.
enum FullDisk: Torture {
    static let name = "full-disk"
    static let summary = "every operation with 0, 4, 8... KiB left, and without inodes"
    static let counts = (suite: 50, full: 1000)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        // In a mount namespace of its own: as root, or as root of a user namespace.
        let unshare = getuid() == 0 ? "-m" : "-rm"
        let torture = CommandRunner(besideTests: "Torture", workingDirectory: plan.directoryPath)
        let runner = CommandRunner(
            executable: "/usr/bin/env", environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            workingDirectory: plan.directoryPath)
        guard try runner.run(["unshare", unshare, "true"]).exitCode == 0 else {
            return .skipped("no small file system can be mounted: unshare(1) fails")
        }
        let result = try runner.run([
            "unshare", unshare, torture.executable, "child", name, plan.directoryPath,
            "\(plan.count)", "\(plan.seed)",
        ])
        guard let report = TortureReport(lines: result.outputText), result.exitCode == 0 else {
            var report = TortureReport()
            report.count("trials", 0)
            report.fail("seed \(plan.seed): ended with \(result.exitCode): \(result.errorText)")
            return report
        }
        return report
    }

    /// The trials, on file systems that are mounted in `arguments[0]`.
    static func child(_ arguments: [String]) throws {
        guard arguments.count == 3, let count = Int(arguments[1]), let seed = UInt64(arguments[2])
        else { preconditionFailure("child full-disk DIRECTORY COUNT SEED") }
        print(try report(in: arguments[0], count: count, seed: seed).lines)
    }

    private static func report(
        in directoryPath: String, count: Int, seed: UInt64
    ) throws -> TortureReport {
        var disks: [SmallFileSystem] = []
        var missing: [String] = []
        for kind in SmallFileSystem.Kind.allCases {
            do {
                disks.append(try SmallFileSystem(kind, in: directoryPath))
            } catch is SmallFileSystem.CannotMount {
                missing.append(kind.rawValue)
            }
        }
        guard let first = disks.first, first.kind == .tmpfs else {
            return .skipped("no small file system can be mounted: mount(8) fails")
        }
        var report = TortureReport()
        report.count("trials", 0)
        for name in missing { report.count("file systems that can't be had here (\(name))") }
        // Three quarters of all are about space on a tmpfs, whose steps are exact.
        let share = disks.count == 1 ? 0 : count / 4 / (disks.count - 1)
        for disk in disks {
            let own = disk.kind == .tmpfs ? count - share * (disks.count - 1) : share
            guard own > 0 else { continue }
            let trials = try FullDiskTrials(on: disk, seed: seed)
            report.add(try trials.run(own))
        }
        return report
    }
}
