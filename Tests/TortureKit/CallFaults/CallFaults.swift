internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Any one system call fails while a store is used, or all from one on: an operation then fails with an
/// error that says so, or its outcome is right; and what was acknowledged stays.
///
/// After a failed `fsync` the machine crashes too, with what it was to make durable lost: an operation that
/// has succeeded all the same must not need it. In trials of their own a second process opens and uses the store
/// before the crash: beside the first, when that was killed afterwards, or when it was killed at once, beside
/// another that had opened the store before.
enum CallFaults: Torture {
    static let name = "call-faults"
    static let summary = "the nth system call fails with EIO, ENOSPC, EINTR, or is short"
    static let counts = (suite: 1000, full: 20_000)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        try TortureWorkers(name: name, plan: plan).run()
    }

    static func child(_ arguments: [String]) throws {
        if arguments.first == FaultVictim.word { return try FaultVictim(arguments).run() }
        var worker = try FaultWorker(try TortureWorkers.Share(arguments))
        worker.share.hand(over: try worker.run())
    }
}

/// What one process does of it.
struct FaultWorker {
    let share: TortureWorkers.Share
    private let directory: DiskDirectory
    private let crashed: DiskDirectory
    private let restarted: DiskDirectory
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
        /// Who goes on when a sync has failed; then only files' syncs count as calls.
        var second: Second?

        enum Second: CaseIterable {
            case beside, restarted
            /// The first is killed as its sync fails. A third has the store open, so that nobody recovers its
            /// log: what the first had written to that is seen by nobody, and is there.
            case besideThird

            /// Whether the first lives on, so that it matters if later syncs fail, too.
            var outlivesFault: Bool { self != .besideThird }
        }
    }

    init(_ share: TortureWorkers.Share) throws {
        self.share = share
        directory = try DiskDirectory(path: "\(share.path)/\(share.index)-faulty")
        crashed = try DiskDirectory(path: "\(share.path)/\(share.index)-crashed")
        restarted = try DiskDirectory(path: "\(share.path)/\(share.index)-restarted")
        random = Randomness(seed: share.seed)
    }

    mutating func run() throws -> TortureReport {
        report.count("faults", 0)
        try makeHomes()
        var trials = try trials()
        // Those with a second process come first: a few of them, at full size all.
        let isFull = share.count * share.workerCount >= CallFaults.counts.full
        trials.syncs.shuffle(using: &random)
        trials.others.shuffle(using: &random)
        let first = isFull ? trials.syncs[...] : trials.syncs.prefix(share.count / 4)
        let all = first + trials.others
        var index = share.index
        var done = 0
        while done < share.count {
            let trial = all[index % all.count]
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
        let bundle = try store.vaults.acting(as: .owner).rotateKey(
            vault: TrialHome.vault, name: TrialHome.key
        ).result
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
    private mutating func trials() throws -> (syncs: [Trial], others: [Trial]) {
        var trials: [Trial] = []
        var syncs: [Trial] = []
        for (scenario, rarity) in FaultScenario.all {
            try share.note("counting the calls of \(scenario)", report)
            let callCount = try countCalls(scenario, syncsOnly: false)
            let syncCount = try countCalls(scenario, syncsOnly: true)
            for call in stride(from: 1, through: scenario.changesObjects ? syncCount : 0, by: 1) {
                for isGoingOn in [false, true] {
                    syncs += Trial.Second.allCases.filter { !isGoingOn || $0.outlivesFault }.map {
                        Trial(
                            scenario: scenario, call: call, failure: .inputOutput,
                            isGoingOn: isGoingOn, second: $0)
                    }
                }
            }
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
        return (syncs, trials)
    }

    /// How many calls of a scenario can fail.
    private mutating func countCalls(_ scenario: FaultScenario, syncsOnly: Bool) throws -> Int {
        let (image, before) = start(scenario)
        try directory.hold(image, afresh: true)
        // There is no call 0.
        try CallShim.fail(call: 0, .inputOutput, syncsOnly: syncsOnly, below: directory.path)
        let outcome = run(scenario, before)
        let callCount = try CallShim.status().callCount
        try CallShim.stop()
        if let error = outcome.error { throw error }
        successes[scenario] = outcome.after
        return callCount
    }

    // MARK: Trials

    /// What came of a scenario.
    private struct Outcome {
        /// What must be there if it succeeded.
        var after: Expectation
        var error: (any Error)?
        /// Somebody who opened the store when a sync had failed, and what had failed.
        var second: (process: SecondProcess, status: CallShim.FaultStatus)?
    }

    /// Opens the store, does it, and closes the store; if a sync has failed, after a second process, if that
    /// `isToFollow`.
    private func run(
        _ scenario: FaultScenario, _ before: Expectation, isToFollow: Bool = false
    ) -> Outcome {
        var outcome = Outcome(after: before)
        do {
            let home = TrialHome(path: directory.path)
            let store = try home.open(create: scenario == .make)
            do {
                try scenario.run(store, in: home, &outcome.after)
            } catch {
                outcome.error = error
            }
            try? CallShim.mark(Self.doneMark)
            let status = try CallShim.status()
            if isToFollow, Self.isFailedSync(status) {
                try CallShim.fail(call: 0, .inputOutput, below: directory.path)
                let process = SecondProcess(home)
                outcome.second = (process, status)
            }
            try store.close()
        } catch {
            outcome.error = outcome.error ?? error
        }
        return outcome
    }

    private static let doneMark = "done"

    /// Whether a file's sync has failed. A directory's is not for others to go on after: the model has it that
    /// a name that was lost so never comes back, and a file system that fails to sync one is shut down.
    private static func isFailedSync(_ status: CallShim.FaultStatus) -> Bool {
        guard let failed = status.failed, isSync(failed.call) else { return false }
        return failed.path.contains(".db") || failed.path.contains("/staging/")
    }

    private static func isSync(_ call: String) -> Bool {
        ["fsync", "fdatasync", "syncfs"].contains(call)
    }

    /// Has a call fail, and looks what comes of it; false if it was not made, or can't fail so.
    private mutating func attempt(_ trial: Trial) throws -> Bool {
        let going = trial.isGoingOn ? " and all later ones" : ""
        let isSecond = trial.second != nil
        let what = """
            seed \(share.seed), \(trial.scenario), \(isSecond ? "sync" : "call") \(trial.call)\(going): \(trial.failure)
            """
        try share.note(what, report)
        if trial.second == .besideThird { return try attemptBesideThird(trial, what) }
        let (image, before) = start(trial.scenario)
        try directory.hold(image, afresh: trial.scenario == .make)
        let logPath = "\(directory.path).log"
        try CallShim.record(below: directory.path, to: logPath)
        try CallShim.fail(
            call: trial.call, trial.failure, goingOn: trial.isGoingOn, syncsOnly: isSecond,
            below: directory.path)
        let outcome = run(trial.scenario, before, isToFollow: trial.second == .beside)
        let status = try outcome.second?.status ?? CallShim.status()
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
        var checker = StateChecker(
            home: TrialHome(path: directory.path),
            acknowledged: hasSucceeded ? outcome.after : before, begun: begun,
            isUsedToo: true, isMaking: trial.scenario == .make,
            hasLostUnsynced: failed.call == "syncfs")
        if Self.isSync(failed.call) {
            let log = try CallLog(path: logPath)
            try crash(
                DiskModel(image, log: log), log.records, checker, title, startingAs: before)
            if trial.second == .restarted, Self.isFailedSync(status) {
                try crashRestarted(image, log, checker, title)
            }
        }
        if let second = outcome.second?.process {
            expect(second, of: &checker, title)
            report.count("second processes after a failed sync")
        }
        for problem in checker.problems(blobs: blobs) { report.fail("\(title): \(problem)") }
        return true
    }

    /// Kills a process as its sync fails, beside a third that has the store open; a second one then opens and
    /// uses the store, and the machine crashes in it. False if there was no such sync.
    private mutating func attemptBesideThird(_ trial: Trial, _ what: String) throws -> Bool {
        let (image, before) = start(trial.scenario)
        try directory.hold(image)
        let home = TrialHome(path: directory.path)
        let logPath = "\(directory.path).log"
        try CallShim.record(below: directory.path, to: logPath)
        let third = try home.open()
        defer { try? third.close() }
        try CallShim.stop()
        let log = try CallLog(path: logPath)
        var (model, records) = (DiskModel(image, log: log), log.records)
        let killed = try FaultVictim(trial.scenario, call: trial.call, before, directory.path)
            .start(in: share.path)
        guard killed.exitCode != 0 else {
            // It has done everything: what it has put goes with the next image.
            report.count("victims that made no such call")
            _ = directory.findBlobs()
            return false
        }
        let title = "\(what), killed beside a third process"
        if killed.exitCode != 128 + SIGKILL {
            report.fail("\(title): ended with \(killed.exitCode): \(killed.errorText.suffix(1000))")
        }
        records += model.goOn(with: try CallLog(path: FaultVictim.logPath(directory.path)))
        for (index, record) in records.enumerated() { model.apply(record, index: index) }

        var begun = successes[trial.scenario] ?? before
        begun.mayHaveOtherVersions = true
        var checker = StateChecker(
            home: home, acknowledged: before, begun: begun, isUsedToo: true, isMaking: false)
        try CallShim.record(below: directory.path, to: logPath)
        let process = SecondProcess(home)
        try CallShim.stop()
        report.count("second processes beside a third")
        let next = model.goOn(with: try CallLog(path: logPath))
        try crash(model, records + next, checker, title, from: records.count)
        try third.close()
        expect(process, of: &checker, title)
        for problem in checker.problems(blobs: directory.findBlobs()) {
            report.fail("\(title): \(problem)")
        }
        return true
    }

    /// Has a checker expect what a second process has put; tells what that couldn't do.
    private mutating func expect(
        _ process: SecondProcess, of checker: inout StateChecker, _ title: String
    ) {
        if let problem = process.problem { report.fail("\(title): \(problem)") }
        guard process.hasPut else { return }
        checker.acknowledged = SecondProcess.added(to: checker.acknowledged)
        checker.begun = SecondProcess.added(to: checker.begun)
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

    /// Crashes the machine when the operation has returned, when the store is closed, and at the marks of a
    /// second process and where something is removed: what a failed sync was to make durable is lost by
    /// then, or is not if only the processes have died. Until the operation has returned there need only be what
    /// was there `before`.
    private mutating func crash(
        _ model: DiskModel, _ records: [CallLog.Record], _ checker: StateChecker, _ title: String,
        from first: Int = 0, startingAs before: Expectation? = nil
    ) throws {
        var (model, checker, isSecond) = (model, checker, first > 0)
        let acknowledged = checker.acknowledged
        checker.acknowledged = before ?? acknowledged
        for (index, record) in records.enumerated().dropFirst(first) {
            model.apply(record, index: index)
            let isEnd = index == records.count - 1
            if record.kind == .mark, record.name == Self.doneMark {
                checker.acknowledged = acknowledged
            }
            if record.kind == .mark, record.name == SecondProcess.openedMark {
                isSecond = true
                checker.begun = SecondProcess.added(to: checker.begun)
            }
            if record.kind == .mark, record.name == SecondProcess.putMark {
                checker.acknowledged = SecondProcess.added(to: checker.acknowledged)
            }
            let isRemoval = record.kind == .unlink && record.name.contains("/blobs/")
            guard record.kind == .mark || isEnd || isRemoval else { continue }
            for variant in isSecond || isRemoval
                ? [.allDropped, .allKept] : [CrashVariant.allDropped]
            {
                let left = variant.image(of: model)
                try crashed.hold(left, afresh: checker.isMaking)
                let crashed = StateChecker(
                    home: TrialHome(path: crashed.path), acknowledged: checker.acknowledged,
                    begun: checker.begun, isUsedToo: false, isMaking: checker.isMaking,
                    hasLostUnsynced: checker.hasLostUnsynced)
                for problem in crashed.problems(blobs: left.blobs) {
                    report.fail(
                        """
                        \(title), and a crash after \(isEnd ? "all" : "\(record.kind) \(record.name)") \
                        with \(variant): \(problem)
                        """)
                }
                report.count("crashes after a failed sync")
            }
        }
    }

    /// Kills the process when the operation has returned, has a second one open and use the store, and crashes
    /// the machine in it.
    private mutating func crashRestarted(
        _ image: DiskImage, _ log: CallLog, _ checker: StateChecker, _ title: String
    ) throws {
        let done = log.records.firstIndex { $0.kind == .mark && $0.name == Self.doneMark }
        guard let done else { return }
        var model = DiskModel(image, log: log)
        for index in 0...done { model.apply(log.records[index], index: index) }
        try restarted.hold(model.seenImage, afresh: true)
        let logPath = "\(restarted.path).log"
        try CallShim.record(below: restarted.path, to: logPath)
        let process = SecondProcess(TrialHome(path: restarted.path))
        try CallShim.stop()
        let title = "\(title), killed, and a second process"
        if let problem = process.problem { report.fail("\(title): \(problem)") }
        report.count("second processes after a kill")
        let next = model.goOn(with: try CallLog(path: logPath))
        try crash(model, Array(log.records[0...done]) + next, checker, title, from: done + 1)
    }
}
