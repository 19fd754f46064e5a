internal import Foundation
internal import Sluice
internal import SluiceNative
internal import Synchronization
internal import TestSupport

/// Kills processes that do a random mix with a store, its keys and its vault, and looks at what they
/// leave: what their journals say was acknowledged is there byte for byte, what was in flight is as
/// before or as after, what was revoked is revoked, and no file is left that no row names.
enum KillTorture: Torture {
    static let name = "kill"
    static let summary =
        "kill -9 of 5 threads' random mix of objects and keys, at random and at 15 named points"
    static let counts = (suite: 50, full: 10_000)

    /// Kills that one home lives through.
    private static let killsOfHome = 25
    private static let laneCount = 2

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        // What a process leaves to the kernel outlives it on any file system.
        let directory = try MemoryDirectory(or: plan.directoryPath)
        let results = Mutex(TortureReport())
        let next = Atomic<Int>(0)
        let lanes = try (0..<laneCount).map { _ in
            try NativeThread.start {
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index * killsOfHome < plan.count else { return }
                    var report: TortureReport
                    do {
                        report = try useHome(index, plan, directory.path)
                    } catch {
                        report = TortureReport()
                        report.fail("seed \(plan.seed), home \(index): \(error)")
                    }
                    results.withLock { $0.add(report) }
                    plan.progress(min(plan.count, (index + 1) * killsOfHome))
                }
            }
        }
        for lane in lanes { lane.join() }
        return results.withLock { $0 }
    }

    static func child(_ arguments: [String]) throws {
        let point = arguments[3] == "-" ? nil : (arguments[3], Int(arguments[4]) ?? 1)
        try KilledProcess(
            home: KillHome(path: arguments[0]), seed: UInt64(arguments[1]) ?? 0,
            firstNumber: Int(arguments[2]) ?? 0, point: point
        ).run()
    }

    /// Kills as many processes as a home lives through.
    private static func useHome(
        _ index: Int, _ plan: TorturePlan, _ directoryPath: String
    ) throws -> TortureReport {
        var report = TortureReport()
        report.count("kills", 0)
        let home = KillHome(path: "\(directoryPath)/home-\(index)")
        defer { try? FileSystem.remove(tree: home.path) }
        try home.make()
        var random = Randomness(seed: plan.seed &* 1_000_003 &+ UInt64(index))
        var record = KillRecord()
        var (killCount, life) = (0, 0)
        while killCount < min(killsOfHome, plan.count - index * killsOfHome) {
            life += 1
            let death = try runUntilKilled(
                home, life: life, plan, &random, isNamed: random.once(in: 2))
            record.add(Journal.lines(path: home.journalPath))
            try FileManager.default.removeItem(atPath: home.journalPath)
            if death.isKilled {
                killCount += 1
                report.count("kills")
                if death.isNamed { report.count("at named points") }
            } else if death.exitCode != 0, record.failure == nil {
                record.failure = "it ended with \(death.exitCode): \(death.errorText.suffix(300))"
            }
            // Sometimes the next one comes before anybody has looked.
            if random.once(in: 4), record.failure == nil {
                report.count("homes not looked at between two")
                continue
            }
            var check = KillCheck(home)
            report.count("acknowledged", record.acknowledgedCount)
            report.count("in flight", record.inFlightCount)
            var problems: [String] = []
            do {
                record = try check.run(record)
            } catch {
                problems.append("\(error)")
            }
            problems += check.problems
            report.count("restored backups", check.restoredBackupCount)
            for problem in problems {
                report.fail(
                    "seed \(plan.seed), home \(index), life \(life), \(death.how): \(problem)")
            }
            if !problems.isEmpty { break }
        }
        return report
    }

    private struct Death {
        var isKilled: Bool
        var isNamed: Bool
        var exitCode: Int32
        var errorText: String
        var how: String
    }

    private static func runUntilKilled(
        _ home: KillHome, life: Int, _ plan: TorturePlan, _ random: inout Randomness, isNamed: Bool
    ) throws -> Death {
        let point = KilledProcess.points.randomElement(using: &random) ?? "entered"
        let isRelease = point == "entered" || point == "done"
        let count = 1 + random.below(isRelease ? 200 : 4)
        let microseconds = random.once(in: 3) ? random.below(60_000) : random.below(250_000)
        try Data().write(to: URL(fileURLWithPath: home.journalPath))
        let process = try plan.child().start(
            [
                "child", name, home.path, String(random.next()), String(life * 1_000_000),
                isNamed ? point : "-", String(count),
            ], input: [])
        let limit = Deadline.seconds(isNamed ? 20 : Double(microseconds) / 1e6)
        while process.isRunning, !limit.hasPassed { NativeThread.sleep(nanoseconds: 500_000) }
        process.send(SIGKILL)
        let result = try process.wait()
        let isKilled = result.exitCode == 128 + SIGKILL
        let how =
            isNamed
            ? "killed at \(point) \(count)" : "killed after \(microseconds) microseconds"
        return Death(
            isKilled: isKilled, isNamed: isNamed && isKilled, exitCode: result.exitCode,
            errorText: result.errorText, how: how)
    }
}
