internal import ArgumentParser
internal import BenchKit
internal import Dispatch
internal import SluiceNative

/// `sluice-bench worker`: one side of a trial, which answers lines on standard input.
struct WorkerCommand: ParsableCommand {
    /// What the command is called.
    static let name = "worker"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Serve one side of a trial; started by 'ab'.",
        shouldDisplay: false)

    @Option var cell: String
    @Option var profile: Profile
    @Flag(help: "Run what the cell is held against.") var reference = false
    @Option(help: "How much longer operations are made, as a share of their own duration.")
    var delay = 0.0
    @OptionGroup var options: MeasuringOptions

    func validate() throws {
        guard (0...100).contains(delay) else { throw ValidationError("--delay takes 0 to 100") }
    }

    func run() throws {
        try options.withConditions(profile) { conditions in
            let set = try CellSet(conditions)
            guard let cell = set.cells.first(where: { $0.name == cell }) else {
                throw BenchError.noSuchCell(cell)
            }
            let subject = reference ? cell.reference : cell.subject
            let result = Result {
                try subject.withSetUp { try serve(cell, delayed(subject), conditions) }
            }
            try set.finish()
            try result.get()
        }
    }

    private func serve(_ cell: Cell, _ subject: Subject, _ conditions: Conditions) throws {
        // The first run pays for what is touched for the first time, so it doesn't count.
        _ = try subject.run(seed: ~conditions.seed)
        try say(WorkerMessages.Ready(version: WorkerMessages.version))
        while let line = readLine() {
            let request = try WorkerMessages.message(
                WorkerMessages.Request.self, from: line, of: "the process that started this")
            do {
                switch request {
                case .run(let seed, let sliceCount):
                    let run = try subject.run(seed: seed, sliceCount: sliceCount)
                    try say(WorkerMessages.Answer.run(run))
                case .count(let seed):
                    try say(
                        WorkerMessages.Answer.count(
                            cell.counting?.count(subject.workload, seed: seed)))
                case .describe:
                    try say(
                        WorkerMessages.Answer.description(
                            .withLibraries(measuringIn: conditions.scratch)))
                }
            } catch {
                try say(WorkerMessages.Answer.failure("\(error)"))
            }
        }
    }

    private func delayed(_ subject: Subject) -> Subject {
        guard delay > 0 else { return subject }
        return Subject(Delayed(workload: subject.workload, share: delay), subject.loop)
    }

    private func say(_ message: some Encodable) throws {
        let line = try WorkerMessages.line(message) + "\n"
        try File.standardOutput.write(Array(line.utf8).span)
    }
}

/// Makes each operation of a workload take longer by a share of its own time, to see whether that is
/// noticed.
struct Delayed: Workload {
    let workload: any Workload
    let share: Double

    var name: String { workload.name }
    var summary: String { workload.summary }
    var unit: WorkUnit { workload.unit }

    func setUp() throws { try workload.setUp() }
    func prepareRun() throws { try workload.prepareRun() }
    func finishRun() throws -> LatencyRecorder? { try workload.finishRun() }
    func tearDown() throws { try workload.tearDown() }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let operation = try workload.makeOperation(for: caller)
        return { [share] in
            let start = MonotonicClock.nowNanoseconds
            let work = try operation()
            let done = MonotonicClock.nowNanoseconds
            let end = done + Int(Double(done - start) * share)
            // Spun away: a sleep would be longer than many an operation.
            while MonotonicClock.nowNanoseconds < end {}
            return work
        }
    }
}
