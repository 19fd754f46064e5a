internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Kills a process before each of the system calls by which it restores a key or a vault, changes the passphrase, or
/// changes the root key.
///
/// What was there before is there, or what is to be there, whole; whoever opens the vaults next can do everything, and
/// nothing is left behind of what was cut short. Done again, it succeeds.
enum VaultLifeTorture: Torture {
    static let name = "vault-life"
    static let summary =
        "kill -9 before every system call of a restore, and of a change of passphrase or root key"
    static let counts = (suite: 40, full: 2_000)

    private struct Trial {
        let home: VaultLifeHome
        let image: DiskImage
        let call: Int
    }

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        report.count("kills", 0)
        let path = try FileSystem.realPath(plan.directoryPath) + "/home"
        let directory = try DiskDirectory(path: path)
        var trials: [Trial] = []
        for change in VaultLifeChange.allCases {
            try directory.hold(DiskImage(), afresh: true)
            let home = try VaultLifeHome(path: path, change)
            let image = try DiskImage(ofDirectory: path)
            let callCount = try callCount(home, plan)
            report.count("calls of \(change)", callCount)
            trials += (1...callCount).map { Trial(home: home, image: image, call: $0) }
        }
        var random = Randomness(seed: plan.seed)
        trials.shuffle(using: &random)
        // Each once at full size.
        for (index, trial) in trials.prefix(plan.count).enumerated() {
            try attempt(trial, directory, plan, &report)
            plan.progress(index + 1)
        }
        // There are no more.
        report.count("kills", max(0, plan.count - trials.count))
        return report
    }

    /// How many calls a change makes, which it is let make here.
    private static func callCount(_ home: VaultLifeHome, _ plan: TorturePlan) throws -> Int {
        let result = try start(home, call: 0, plan)
        guard result.exitCode == 0, let count = Int(result.outputText) else {
            throw WrongOutcome("\(home.change) ended with \(result.exitCode): \(result.errorText)")
        }
        if let problem = home.problem(isDone: true) {
            throw WrongOutcome("\(home.change), undisturbed: \(problem)")
        }
        return count
    }

    private static func start(
        _ home: VaultLifeHome, call: Int, _ plan: TorturePlan
    ) throws -> CommandResult {
        try plan.child(environment: CallShim.environment).run(
            ["child", name, home.path, home.change.rawValue, "\(call)"])
    }

    private static func attempt(
        _ trial: Trial, _ directory: DiskDirectory, _ plan: TorturePlan,
        _ report: inout TortureReport
    ) throws {
        try directory.hold(trial.image, afresh: true)
        let result = try start(trial.home, call: trial.call, plan)
        let title = "\(trial.home.change), killed at call \(trial.call)"
        guard [0, 128 + SIGKILL].contains(result.exitCode) else {
            return report.fail("\(title): ended with \(result.exitCode): \(result.errorText)")
        }
        report.count("kills")
        // A thread of its own, the barrier's, makes calls, too: there may be some less this time.
        let isDone = result.exitCode == 0
        if let problem = trial.home.problem(isDone: isDone, isThorough: trial.call % 4 == 0) {
            report.fail("\(title): \(problem)")
        }
    }

    static func child(_ arguments: [String]) throws {
        guard let change = VaultLifeChange(rawValue: arguments[1]) else {
            preconditionFailure("\(arguments[1]) is no change")
        }
        let path = arguments[0]
        try CallShim.fail(
            call: Int(arguments[2]) ?? 0, .inputOutput, isKilling: true, below: path)
        try change.run(in: path)
        let status = try CallShim.status()
        try CallShim.stop()
        print("\(status.callCount)", terminator: "")
    }
}
