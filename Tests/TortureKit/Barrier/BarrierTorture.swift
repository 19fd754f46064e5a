internal import TestSupport

/// The proof of the read barrier: processes of readers read a store's objects, hot and cold, whole and by
/// range, to bytes, callbacks, files and pipes, while access to the keys is taken away in seven ways and
/// given back; readers and revokers are stopped and killed. Not one release may lie between a revocation's
/// return and the next restoration's call.
enum BarrierTorture: Torture {
    static let name = "barrier"
    static let summary = "readers in several processes while keys are revoked and restored"
    static let counts = (suite: 10, full: 2_000)

    private static let readsPerRevocation = 5_000

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        // Only whose turn it is follows from chance, and that is the machine's: no seed repeats it.
        let probe = CommandRunner(barrierProbeIn: plan.directoryPath)
        let result = try probe.run([
            "run-store", plan.directoryPath, "3", "2", "\(plan.count)",
            "\(plan.count * readsPerRevocation)",
        ])
        let numbers = result.outputText.split(separator: " ").compactMap {
            Int($0.trimmingPrefix { $0.isWhitespace }.prefix { $0.isNumber })
        }
        var report = TortureReport()
        guard numbers.count == 4 else {
            report.fail("the probe ended with \(result.exitCode): \(result.errorText)")
            return report
        }
        for (number, what) in zip(numbers, ["revocations", "reads", "releases"]) {
            report.count(what, number)
        }
        for _ in 0..<numbers[3] { report.fail("a release after a revocation had returned") }
        return report
    }
}
