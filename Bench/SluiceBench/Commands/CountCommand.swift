internal import ArgumentParser
internal import BenchKit

/// `sluice-bench count`: operations of one case on one thread, under a program that counts instructions;
/// `scripts/instructions` is that program's script. Prints how much work they did.
struct CountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Do operations to be counted from outside; started by 'scripts/instructions'.",
        shouldDisplay: false)

    /// What is done.
    enum Case: String, ExpressibleByArgument {
        /// What a read does to release a chunk.
        case release
        /// Gets to a sink, by chunks.
        case chunk
        /// Hot gets of objects under an older key version.
        case get
        /// The same, each of which has its object's key rewrapped.
        case rewrappingGet = "rewrapping-get"

        func workload(_ operationCount: Int, _ conditions: Conditions) -> any Workload {
            switch self {
            case .release: SinkGet(.releases, conditions)
            case .chunk: SinkGet(.chunks, conditions)
            case .get: RewrappingGet(onRead: false, count: operationCount, conditions)
            case .rewrappingGet:
                RewrappingGet(
                    onRead: true, count: operationCount,
                    vaultDelaySeconds: CountCommand.vaultDelaySeconds, conditions)
            }
        }
    }

    /// Longer than the gets take. While instructions are counted everything but the clock goes 50 times
    /// slower, and what was read would be committed after a few gets instead of a few hundred; after a
    /// commit, whoever made it, SQLite reads its pages again.
    private static let vaultDelaySeconds = 15.0

    @Argument var what: Case
    @Option(help: "How many operations; of gets a multiple of 8 below 1,024.")
    var operations: Int
    @OptionGroup var options: MeasuringOptions

    func validate() throws {
        guard (1...1 << 40).contains(operations) else {
            throw ValidationError("--operations takes 1 or more")
        }
    }

    func run() throws {
        try options.withConditions(.smoke) { conditions in
            let workload = what.workload(operations, conditions)
            let loop = Loop.closed(ClosedLoop(length: .operations(operations)))
            let work = try Subject(workload, loop).withSetUp {
                try workload.prepareRun()
                let caller = Caller(index: 0, count: 1, runSeed: conditions.seed)
                let operation = try workload.makeOperation(for: caller)
                let work = try Self.counted(operation, times: operations)
                _ = try workload.finishRun()
                return work
            }
            try Console.print("\(work)")
        }
    }

    /// Does the operations, and returns their work: what is counted is what this thread does in here,
    /// which must have no function of its own inside.
    @inline(never)
    private static func counted(_ operation: TimedOperation, times count: Int) throws -> Int {
        var work = 0
        for _ in 0..<count { work += try operation() }
        return work
    }
}
