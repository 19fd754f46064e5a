internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Looks for canary keys and content where they have no business: in the files of stores and vaults, in
/// what a process prints and dumps, and in its memory.
enum SecretsTorture: Torture {
    static let name = "secrets"
    static let summary =
        "canary keys and content looked for in files, logs, core dumps and memory"
    static let counts = (suite: 10, full: 100)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        let library = try CryptoLibrary.load(requireFIPS: false)
        for index in 0..<plan.count {
            let directoryPath = "\(plan.directoryPath)/\(index)"
            var trial = SecretTrial(
                plan: plan, number: index, home: SecretHome(directoryPath: directoryPath),
                library: library)
            do {
                try trial.run()
            } catch {
                trial.report.fail("run \(index) of seed \(plan.seed) ended with \(error)")
            }
            report.count("runs")
            report.add(trial.report)
            try FileManager.default.removeItem(atPath: directoryPath)
            plan.progress(index + 1)
        }
        return report
    }

    static func child(_ arguments: [String]) throws {
        guard arguments.count == 2 else {
            preconditionFailure("a process of secrets needs to know what to do, and where")
        }
        let user = SecretUser(home: SecretHome(directoryPath: arguments[1]))
        switch arguments[0] {
        case "make": try user.make()
        case "read": try user.read()
        default: try user.use()
        }
    }
}
