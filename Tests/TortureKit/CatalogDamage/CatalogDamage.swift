internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Damages the databases and the small files of a home at random, and uses and repairs it.
///
/// Every call must give the right answer or a clear error, in a process that neither traps nor hangs; and
/// a repair must leave readable what was, delete nothing, and have nothing to do a second time, however
/// it was cut short.
public enum CatalogDamage: Torture {
    /// See ``Torture/name``.
    public static let name = "catalog-damage"
    /// See ``Torture/summary``.
    public static let summary = "pages and bytes of catalog and vaults damaged, used and repaired"
    /// See ``Torture/counts``.
    public static let counts = (suite: 500, full: 10_000)

    /// See ``Torture/run(_:)``.
    public static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        report.count("damaged homes", 0)
        let directory = try MemoryDirectory(or: plan.directoryPath)
        defer { withExtendedLifetime(directory) {} }
        var next = 0
        while next < plan.count {
            let end = min(plan.count, next + 250)
            let result = try plan.child().run(
                [
                    "child", name, "trials", directory.path, "\(plan.seed)", "\(next)",
                    "\(end)",
                ])
            var last = next - 1
            for line in result.outputText.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                switch words[0] {
                case "trial": last = Int(words[1]) ?? last
                case "count": report.count(words[2], Int(words[1]) ?? 0)
                case "fail": report.fail("\(words.dropFirst().joined(separator: " "))")
                default: break
                }
            }
            if result.exitCode == 0 {
                next = end
            } else {
                // A trap ends the trial that it is in, and the others go on.
                report.fail(
                    """
                    trial \(last) of --seed \(plan.seed) ended with \(result.exitCode): \
                    \(result.errorText.suffix(400))
                    """)
                report.count("damaged homes", max(0, last + 1 - next))
                next = max(last, next) + 1
                try? FileSystem.remove(tree: "\(directory.path)/trial")
                guard report.failureCount < 50 else { break }
            }
            plan.progress(next)
        }
        return report
    }

    /// See ``Torture/child(_:)``.
    public static func child(_ arguments: [String]) throws {
        switch arguments.first {
        case "trials" where arguments.count == 5:
            guard let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
                let end = Int(arguments[4])
            else { throw TortureFault("these are no numbers: \(arguments)") }
            try trials(arguments[1], seed: seed, first..<end)
        case "repair" where arguments.count == 3:
            Watchdog.killSelf(afterMicroseconds: Int(arguments[2]) ?? 0)
            _ = try Store.repair(StoreLocation(home: arguments[1]), options: .damaged)
            _ = try File.createExclusively("\(arguments[1]).done")
        default: throw TortureFault("this is nothing to do: \(arguments)")
        }
    }

    private static func trials(_ path: String, seed: UInt64, _ numbers: Range<Int>) throws {
        let templatePath = "\(path)/template-\(numbers.lowerBound)"
        let template = try DamageTemplate(templatePath)
        var report = TortureReport()
        for number in numbers {
            try say("trial \(number)\n")
            var trial = DamageTrial(
                template, directory: "\(path)/trial", seed: seed, number: number)
            // What takes so long hangs.
            let watchdog = try Watchdog(seconds: 120)
            try trial.run()
            watchdog.stop()
            report.add(trial.report)
            for failure in trial.report.failures { try say("fail \(failure)\n") }
        }
        for (count, what) in report.counts { try say("count \(count) \(what)\n") }
        try FileSystem.remove(tree: templatePath)
    }

    private static func say(_ text: String) throws {
        try File.standardOutput.write(Array(text.utf8).span)
    }
}

extension StoreOptions {
    /// For a store whose durability is not the point.
    static var damaged: StoreOptions {
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = 1
        return options
    }
}
