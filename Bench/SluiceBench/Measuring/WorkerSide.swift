internal import BenchKit

/// One side of a cell that runs in processes of its own, started from a command line.
///
/// A process lives for one run, so that what differs from process to process, as where its memory
/// lies, is noise and not a difference of the sides; only where setting up takes long does it serve
/// all runs. Used by one thread at a time.
final class WorkerSide {
    private let command: String
    private let arguments: [String]
    private let livesOn: Bool
    private var worker: Conversation?

    /// The workload of a cell, or its reference, as the sluice-bench behind `command` runs it.
    init(
        command: String, _ cell: Cell, reference isReference: Bool = false, delay: Double = 0,
        livesOn: Bool, _ conditions: Conditions, _ options: MeasuringOptions
    ) {
        self.command = command
        self.livesOn = livesOn
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
        Side(name: command) { [self] seed in
            guard case .run(let run) = try ask(.run(seed: seed)) else { throw unexpected() }
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

    /// Ends the process, if one lives.
    func end() throws {
        defer { worker = nil }
        try worker?.end()
    }

    // MARK: Processes

    private func ask(_ request: WorkerMessages.Request) throws -> WorkerMessages.Answer {
        let worker = try worker ?? start()
        let line = try worker.ask(WorkerMessages.line(request))
        let answer = try WorkerMessages.message(
            WorkerMessages.Answer.self, from: line, of: command)
        if case .failure(let reason) = answer {
            throw BenchError.programFailed(command: command, exitCode: 0, message: reason)
        }
        if !livesOn { try end() }
        return answer
    }

    private func start() throws -> Conversation {
        let started = try Conversation(shellCommand: command, arguments: arguments)
        worker = started
        let ready = try WorkerMessages.message(
            WorkerMessages.Ready.self, from: started.nextLine(), of: command)
        guard ready.version == WorkerMessages.version else { throw unexpected() }
        return started
    }

    private func unexpected() -> BenchError {
        .notABench(command: command, answer: "something else than it was asked for")
    }
}
