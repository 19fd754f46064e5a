internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Any one system call fails while a store is used, or all from one on: an operation then fails with an
/// error that says so, or its outcome is right; and what was acknowledged stays.
///
/// After a failed `fsync` the machine crashes too, with what it was to make durable lost: an operation that
/// has succeeded all the same must not need it.
enum CallFaults: Torture {
    static let name = "call-faults"
    static let summary = "the nth system call fails with EIO, ENOSPC, EINTR, or is short"
    static let counts = (suite: 2000, full: 20_000)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        try TortureWorkers(name: name, plan: plan).run()
    }

    static func child(_ arguments: [String]) throws {
        var worker = try FaultWorker(try TortureWorkers.Share(arguments))
        worker.share.hand(over: try worker.run())
    }
}

/// What one process does of it.
struct FaultWorker {
    let share: TortureWorkers.Share
    private let directory: DiskDirectory
    private let crashed: DiskDirectory
    private var random: Randomness
    private var report = TortureReport()
    /// A home, and one whose key was rotated behind the store's back.
    private var (homes, expected): ([DiskImage], [Expectation]) = ([], [])
    /// What must be there when nothing has failed.
    private var successes: [FaultScenario: Expectation] = [:]

    /// A call of a scenario, and how it fails.
    private struct Trial {
        let scenario: FaultScenario
        let call: Int
        let failure: CallShim.Failure
        let isGoingOn: Bool
    }

    init(_ share: TortureWorkers.Share) throws {
        self.share = share
        directory = try DiskDirectory(path: "\(share.path)/\(share.index)-faulty")
        crashed = try DiskDirectory(path: "\(share.path)/\(share.index)-crashed")
        random = Randomness(seed: share.seed)
    }

    mutating func run() throws -> TortureReport {
        report.count("faults", 0)
        try makeHomes()
        var trials = try trials()
        trials.shuffle(using: &random)
        var index = share.index
        var done = 0
        while done < share.count {
            let trial = trials[index % trials.count]
            if try attempt(trial) {
                done += 1
                report.count("faults")
            }
            index += share.workerCount
        }
        return report
    }

    private mutating func makeHomes() throws {
        try directory.hold(DiskImage(), afresh: true)
        let home = TrialHome(path: directory.path)
        var expectation = try home.make()
        homes = [try DiskImage(ofDirectory: directory.path)]
        expected = [expectation]
        let store = try home.open()
        let bundle = try store.vaults.rotateKey(vault: TrialHome.vault, name: TrialHome.key).result
        try store.close()
        expectation.versions.insert(bundle.key.kid.version ?? "")
        homes.append(try DiskImage(ofDirectory: directory.path))
        expected.append(expectation)
    }

    /// Where a scenario begins.
    private func start(_ scenario: FaultScenario) -> (DiskImage, Expectation) {
        switch scenario {
        case .make: (DiskImage(), Expectation())
        case .takeUp: (homes[1], expected[1])
        default: (homes[0], expected[0])
        }
    }

    /// Every call of every scenario, failing in every way.
    private mutating func trials() throws -> [Trial] {
        var trials: [Trial] = []
        for (scenario, rarity) in FaultScenario.all {
            try share.note("counting the calls of \(scenario)", report)
            let (image, before) = start(scenario)
            try directory.hold(image, afresh: true)
            // There is no call 0.
            try CallShim.fail(call: 0, .inputOutput, below: directory.path)
            let outcome = run(scenario, before)
            let callCount = try CallShim.status().callCount
            try CallShim.stop()
            if let error = outcome.error { throw error }
            successes[scenario] = outcome.after
            for call in stride(from: 1, through: callCount, by: 1) {
                for failure in CallShim.Failure.allCases {
                    // Nothing is interrupted for ever, or short for ever.
                    let isLasting = failure == .inputOutput || failure == .noSpace
                    for isGoingOn in isLasting ? [false, true] : [false]
                    where random.once(in: rarity) {
                        trials.append(
                            Trial(
                                scenario: scenario, call: call, failure: failure,
                                isGoingOn: isGoingOn))
                    }
                }
            }
        }
        return trials
    }

    // MARK: Trials

    /// What came of a scenario.
    private struct Outcome {
        /// What must be there if it succeeded.
        var after: Expectation
        var error: (any Error)?
    }

    /// Opens the store, does it, and closes the store.
    private func run(_ scenario: FaultScenario, _ before: Expectation) -> Outcome {
        var outcome = Outcome(after: before)
        do {
            let store = try TrialHome(path: directory.path).open(create: scenario == .make)
            do {
                try scenario.run(store, &outcome.after)
            } catch {
                outcome.error = error
            }
            try? CallShim.mark("done")
            try store.close()
        } catch {
            outcome.error = outcome.error ?? error
        }
        return outcome
    }

    /// Has a call fail, and looks what comes of it; false if it was not made, or can't fail so.
    private mutating func attempt(_ trial: Trial) throws -> Bool {
        let going = trial.isGoingOn ? " and all later ones" : ""
        let what = """
            seed \(share.seed), \(trial.scenario), call \(trial.call)\(going): \(trial.failure)
            """
        try share.note(what, report)
        let (image, before) = start(trial.scenario)
        try directory.hold(image, afresh: trial.scenario == .make)
        let logPath = "\(directory.path).log"
        try CallShim.record(below: directory.path, to: logPath)
        try CallShim.fail(
            call: trial.call, trial.failure, goingOn: trial.isGoingOn, below: directory.path)
        let outcome = run(trial.scenario, before)
        let status = try CallShim.status()
        try CallShim.stop()
        let blobs = directory.findBlobs()
        guard let failed = status.failed else { return false }
        let title = "\(what) (\(failed.call) of \(failed.path))"
        if let error = outcome.error, let fault = Self.fault(of: error) {
            report.fail("\(title): \(fault): \(error)")
        }
        let hasSucceeded = outcome.error == nil
        var begun = hasSucceeded ? outcome.after : successes[trial.scenario] ?? before
        begun.mayHaveOtherVersions = !hasSucceeded
        let checker = StateChecker(
            home: TrialHome(path: directory.path),
            acknowledged: hasSucceeded ? outcome.after : before, begun: begun,
            isUsedToo: true, isMaking: trial.scenario == .make)
        if failed.call == "fsync" || failed.call == "fdatasync" {
            try crash(image, checker, logPath: logPath, title)
        }
        for problem in checker.problems(blobs: blobs) { report.fail("\(title): \(problem)") }
        return true
    }

    /// What is wrong with how an error says that a call failed; nil if nothing is.
    private static func fault(of error: any Error) -> String? {
        if error is WrongOutcome { return "reported as success" }
        if let error = error as? VaultError {
            return error.message.isEmpty ? "no message" : nil
        }
        guard let error = error as? StoreError else { return "another error" }
        let misleading: [StoreError.Code] = [
            .integrity, .damagedCatalog, .notFound, .wrongVault, .newerVersion, .invalidName,
            .accessDenied,
        ]
        if misleading.contains(error.code) { return "reported as \(error.code)" }
        return error.message.isEmpty ? "no message" : nil
    }

    /// Crashes the machine when the operation has returned, and when the store is closed: what a failed sync
    /// was to make durable is lost by then.
    private mutating func crash(
        _ image: DiskImage, _ checker: StateChecker, logPath: String, _ title: String
    ) throws {
        let log = try CallLog(path: logPath)
        var model = DiskModel(image, log: log)
        for (index, record) in log.records.enumerated() {
            model.apply(record, index: index)
            let isEnd = index == log.records.count - 1
            guard record.kind == .mark || isEnd else { continue }
            let left = CrashVariant.allDropped.image(of: model)
            try crashed.hold(left, afresh: checker.isMaking)
            let crashed = StateChecker(
                home: TrialHome(path: crashed.path), acknowledged: checker.acknowledged,
                begun: checker.begun, isUsedToo: false, isMaking: checker.isMaking)
            for problem in crashed.problems(blobs: left.blobs) {
                report.fail(
                    "\(title), and a crash when it was \(isEnd ? "closed" : "done"): \(problem)")
            }
            report.count("crashes after a failed sync")
        }
    }
}
