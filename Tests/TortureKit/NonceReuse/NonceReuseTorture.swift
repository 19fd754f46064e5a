internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Records every (key, nonce) pair that is sealed with, in processes that overwrite, copy, rename, pin and
/// put again what somebody else has changed, that are killed and begun anew, that fork, and that go on
/// from copies and backups of one home side by side: none may come twice.
enum NonceReuseTorture: Torture {
    static let name = "nonce-reuse"
    static let summary =
        "(key, nonce) pairs across overwrite, retry, fork, kill -9, copies and backups: none twice"
    static let counts = (suite: 100_000, full: 10_000_000)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        var all: [UInt128] = []
        var round = 0
        let operationCount = max(40, min(400, plan.count / 1500))
        while all.count < plan.count {
            let run = NonceRound(
                plan: plan, path: "\(plan.directoryPath)/round-\(round)", number: round,
                operationCount: operationCount)
            try FileManager.default.createDirectory(
                atPath: run.path, withIntermediateDirectories: true)
            let before = all.count
            try run.run(&all, &report)
            try FileSystem.remove(tree: run.path)
            plan.progress(all.count)
            round += 1
            guard all.count > before else {
                report.fail("seed \(plan.seed), round \(round): nothing was recorded")
                break
            }
        }
        var result = TortureReport()
        result.count("pairs", all.count)
        result.add(report)
        let repeated = SealRecords.repeated(&all)
        if let first = repeated.first {
            result.fail(
                "seed \(plan.seed): \(repeated.count) pairs come twice, as \(String(first, radix: 16))"
            )
        }
        return result
    }

    static func child(_ arguments: [String]) throws {
        try NonceProcess(
            location: StoreLocation(store: arguments[1], vaults: arguments[2]),
            seed: UInt64(arguments[3]) ?? 0, operationCount: Int(arguments[4]) ?? 0
        ).run(arguments[0], notes: arguments[5])
    }
}

/// One home, and what becomes of it.
private struct NonceRound {
    let plan: TorturePlan
    let path: String
    let number: Int
    let operationCount: Int

    private var records: SealRecords { SealRecords(prefix: "\(path)/record") }
    private var seed: UInt64 { plan.seed &* 7919 &+ UInt64(number) }

    func run(_ all: inout [UInt128], _ report: inout TortureReport) throws {
        let home = StoreLocation(home: "\(path)/home")
        // Two processes at once on the same few names: many puts are refused, and tried again.
        try wait([start("make", home, 1, 1)], &report)
        try wait([start("mix", home, 2), start("mix", home, 3)], &report)
        report.count("processes that share names", 2)
        try crash(home, &report)
        try wait([start("fork", home, 8, 5)], &report)
        report.count("forks", 5)
        try checkDraws(&report)
        // A copy of everything, as a snapshot is, and a backup of the store: the same seeds for all.
        let copy = StoreLocation(home: "\(path)/copy")
        let copying = CommandRunner(executable: "/bin/cp", environment: [:], workingDirectory: path)
        _ = try copying.run(["-a", "\(path)/home", "\(path)/copy"])
        _ = try ReadBarrier.adopt(directoryPath: copy.vaults, isQuiet: true)
        let restored = StoreLocation(store: "\(path)/restored", vaults: home.vaults)
        try wait([start("backup", home, 9, 1)], &report)
        try Store.restore(from: "\(path)/backup", to: restored)
        try wait(try [home, copy, restored].map { try start("mix", $0, 10) }, &report)
        report.count("stores that go on from one", 3)
        try records.take(into: &all)
    }

    private func start(
        _ what: String, _ home: StoreLocation, _ salt: UInt64, _ count: Int? = nil
    ) throws -> RunningCommand {
        try plan.child(environment: ["SLUICE_SEALS": records.prefix]).start(
            [
                "child", NonceReuseTorture.name, what, home.store, home.vaults,
                String(seed &* 64 &+ salt), String(count ?? operationCount), path,
            ], input: [])
    }

    /// Processes that end by themselves have counted what they sealed: none was missed.
    private func wait(_ processes: [RunningCommand], _ report: inout TortureReport) throws {
        for process in processes {
            let result = try process.wait()
            let count = try records.count(processID: process.processID)
            guard result.exitCode == 0, Int(result.outputText.dropLast()) == count else {
                report.fail(
                    "seed \(plan.seed), round \(number): a process ended with \(result.exitCode) "
                        + "and recorded \(count) of \(result.outputText) seals: "
                        + "\(result.errorText.suffix(300))")
                continue
            }
        }
    }

    /// Kills processes, and begins them anew with the same seed.
    private func crash(_ home: StoreLocation, _ report: inout TortureReport) throws {
        var random = Randomness(seed: seed)
        for _ in 0..<4 {
            let process = try start("mix", home, 4)
            NativeThread.sleep(nanoseconds: 60_000_000 + random.below(300) * 1_000_000)
            process.send(SIGKILL)
            if try process.wait().exitCode == 128 + SIGKILL { report.count("kills") }
        }
        try wait([start("mix", home, 4)], &report)
    }

    /// What forked processes and their parents drew at the same place.
    private func checkDraws(_ report: inout TortureReport) throws {
        let lines = try String(contentsOfFile: "\(path)/draws", encoding: .utf8).split(
            separator: "\n")
        report.count("draws beside forks", lines.count)
        if Set(lines).count != lines.count || lines.count < 2 * 5 {
            report.fail(
                "seed \(plan.seed), round \(number): of \(lines.count) draws some are equal")
        }
    }
}
