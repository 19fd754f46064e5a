internal import BenchKit

/// One side of a cell that runs in processes of its own, started from a command line.
///
/// A process lives for one run, so that what differs from process to process, as where its memory
/// lies, is noise and not a difference of the sides. Those of a block are made ready before the first of
/// them runs: neighbours on the host come and go within seconds, and runs that follow each other at once
/// mostly share them. In slices they take turns. Where setting up takes much, see `Cell.SetUpCost`. Used by
/// one thread at a time.
final class WorkerSide {
    private let command: String
    private let arguments: [String]
    private let setUpCost: Cell.SetUpCost
    private let sliceCount: Int
    /// Processes whose turn is to come, in that order; with `SetUpCost.once`, the one that serves all.
    private var ready: [Conversation] = []

    /// The workload of a cell, or its reference, as the sluice-bench behind `command` runs it.
    init(
        command: String, _ cell: Cell, reference isReference: Bool = false, delay: Double = 0,
        setUpCost: Cell.SetUpCost, _ conditions: Conditions, _ options: MeasuringOptions
    ) {
        self.command = command
        self.setUpCost = setUpCost
        sliceCount = cell.sliceCount
        var arguments = [
            WorkerCommand.name, "--cell", cell.name,
            "--profile", conditions.profile.rawValue, "--seed", "\(conditions.seed)",
            "--directory", conditions.directory,
        ]
        if isReference { arguments.append("--reference") }
        if delay > 0 { arguments += ["--delay", "\(delay)"] }
        if let corpus = options.corpus { arguments += ["--corpus", corpus] }
        if let sluice = options.sluice { arguments += ["--sluice", sluice] }
        self.arguments = arguments
    }

    /// The side for a trial.
    var side: Side {
        Side(name: command, prepare: prepare, finish: finish) { [self] seed in
            let request = WorkerMessages.Request.run(seed: seed, sliceCount: sliceCount)
            guard case .run(let run) = try ask(request) else { throw unexpected() }
            return run
        }
    }

    /// The exact counts of the cell's operations; nothing where it counts nothing.
    func count(seed: UInt64) throws -> CountResult? {
        guard case .count(let counts) = try ask(.count(seed: seed)) else { throw unexpected() }
        return counts
    }

    /// What the side says that it is.
    func describe() throws -> Fingerprint {
        guard case .description(let fingerprint) = try ask(.describe) else { throw unexpected() }
        return fingerprint
    }

    /// Ends the processes that live.
    func end() throws {
        let ends = ready.map { worker in Result { try worker.end() } }
        ready = []
        for end in ends { try end.get() }
    }

    // MARK: Processes

    private func prepare(_ runCount: Int) throws {
        guard setUpCost == .light else { return }
        // Side by side: a processor each.
        let started = try (0..<runCount).map { _ in try start() }
        ready += started
        for worker in started { try awaitReady(worker) }
    }

    private func finish() throws {
        guard setUpCost == .light else { return }
        try end()
    }

    private func ask(_ request: WorkerMessages.Request) throws -> WorkerMessages.Answer {
        if ready.isEmpty {
            let worker = try start()
            ready.append(worker)
            try awaitReady(worker)
        }
        let worker = ready[0]
        let line = try worker.ask(WorkerMessages.line(request))
        let answer = try WorkerMessages.message(
            WorkerMessages.Answer.self, from: line, of: command)
        if case .failure(let reason) = answer {
            throw BenchError.programFailed(command: command, exitCode: 0, message: reason)
        }
        guard setUpCost != .once else { return answer }
        ready.removeFirst()
        if setUpCost == .light, case .run = request {
            // For its next slice.
            ready.append(worker)
        } else {
            try worker.end()
        }
        return answer
    }

    private func start() throws -> Conversation {
        try Conversation(shellCommand: command, arguments: arguments)
    }

    private func awaitReady(_ worker: Conversation) throws {
        let message = try WorkerMessages.message(
            WorkerMessages.Ready.self, from: worker.nextLine(), of: command)
        guard message.version == WorkerMessages.version else { throw unexpected() }
    }

    private func unexpected() -> BenchError {
        .notABench(command: command, answer: "something else than it was asked for")
    }
}
