internal import Foundation
internal import SluiceNative
internal import TestSupport

/// Processes that share a torture's work, one for each processor, and are watched for traps and hangs.
///
/// A worker prints its report, a line each: `count N WHAT` and `fail TEXT`. What it is at it notes in a file.
struct TortureWorkers {
    /// What `Torture child NAME` takes.
    let name: String
    let plan: TorturePlan

    /// How long a worker may be at the same trial; the machine may be doing much else.
    private static let longestTrialSeconds = 180.0

    /// What one worker is asked for.
    struct Share {
        let path: String
        let index: Int
        let workerCount: Int
        let count: Int
        let seed: UInt64

        /// From the arguments of `child`.
        init(_ arguments: [String]) throws {
            precondition(arguments.count == 5, "a share of the work has five parts")
            path = arguments[0]
            index = Int(arguments[1]) ?? 0
            workerCount = Int(arguments[2]) ?? 1
            count = Int(arguments[3]) ?? 0
            seed = UInt64(arguments[4]) ?? 0
        }

        /// Notes what is tried now, in case it is the last thing, and how much was done before.
        func note(_ trial: String, _ report: TortureReport) throws {
            let done = report.counts.first?.count ?? 0
            try Data("\(done) done, \(trial)".utf8)
                .write(to: URL(fileURLWithPath: "\(path)/trial-\(index)"))
        }

        /// Prints a report, for the process that started this one.
        func hand(over report: TortureReport) {
            for (count, what) in report.counts { print("count \(count) \(what)") }
            for failure in report.failures {
                print("fail \(failure.replacingOccurrences(of: "\n", with: " "))")
            }
            print("failures \(report.failureCount)")
        }
    }

    /// Starts them, and adds up what they report.
    func run() throws -> TortureReport {
        // It is not the disk that is tried.
        let directory = try MemoryDirectory(or: plan.directoryPath)
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path
        let workerCount = ProcessInfo.processInfo.activeProcessorCount
        let share = (plan.count + workerCount - 1) / workerCount
        let runner = plan.child(environment: CallShim.environment)
        let workers = try (0..<workerCount).map { index in
            try runner.start(
                ["child", name, path, "\(index)", "\(workerCount)", "\(share)", "\(plan.seed)"],
                input: [])
        }
        var report = TortureReport()
        for (index, worker) in workers.enumerated() {
            let trialPath = "\(path)/trial-\(index)"
            let isHanging = watch(worker, trialPath: trialPath) { plan.progress($0 * workerCount) }
            if isHanging { worker.send(SIGABRT) }
            let result = try worker.wait()
            report.add(Self.report(result.outputText))
            guard isHanging || result.exitCode != 0 else { continue }
            let trial = (try? String(contentsOfFile: trialPath, encoding: .utf8)) ?? "nothing yet"
            report.fail(
                """
                seed \(plan.seed), worker \(index) \(isHanging ? "hangs" : "ended with \(result.exitCode)") \
                at \(trial): \(result.errorText.suffix(2000))
                """)
        }
        return report
    }

    /// Waits for a worker's end; true if it doesn't get on. Now and then tells how much it has done.
    private func watch(
        _ worker: RunningCommand, trialPath: String, _ tell: (_ done: Int) -> Void
    ) -> Bool {
        var (trial, since, told) = ("", Date(), 0)
        while worker.isRunning {
            Thread.sleep(forTimeInterval: 0.05)
            let now = (try? String(contentsOfFile: trialPath, encoding: .utf8)) ?? ""
            if now != trial { (trial, since) = (now, Date()) }
            let done = Int(now.prefix { $0.isNumber }) ?? 0
            if done >= told + 100 {
                told = done
                tell(done)
            }
            if Date().timeIntervalSince(since) > Self.longestTrialSeconds { return true }
        }
        return false
    }

    private static func report(_ output: String) -> TortureReport {
        var report = TortureReport()
        var (told, counted) = (0, 0)
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "count" where words.count == 3: report.count(words[2], Int(words[1]) ?? 0)
            case "fail":
                report.fail(String(line.dropFirst(5)))
                told += 1
            case "failures" where words.count == 2: counted = Int(words[1]) ?? 0
            default: break
            }
        }
        for _ in told..<max(told, counted) { report.fail("one more of these") }
        return report
    }
}
