internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// Feeds parsers what no encoder would write. A process for each turn of each, so that a trap ends that one
/// alone.
///
/// Parsers have equal time and not equal runs: some take a microsecond, and one makes a key of what it reads.
/// Inputs are mutations of seeds, from a seeded generator; where libFuzzer is linked (`scripts/fuzz`), from
/// it, with AddressSanitizer.
enum FuzzTorture: Torture {
    static let name = "fuzz"
    static let summary = "every parser of bytes and text, and objects forged with the right keys"
    static let counts = (suite: 1000, full: 100_000_000)

    /// As many processes at a time as there are cores in the smallest machine that matters.
    private static let processCount = 2
    /// How long a parser's first turn is; the turns of each round are at most twice those of the last.
    private static let leastSeconds = 5
    /// All together end here, however little was done.
    private static let mostSeconds = 8 * 3600.0

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        var runCounts: [String: Int] = [:]
        var targets = FuzzTarget.all
        var turn = Turn(plan: plan, round: 0, seconds: leastSeconds)
        let began = MonotonicClock.nowNanoseconds
        while true {
            let results = turn.run(targets)
            for (target, result) in zip(targets, results) {
                runCounts[target.name, default: 0] += result.runCount
                if let failure = result.failure { report.fail(failure) }
            }
            targets = zip(targets, results).filter { $1.failure == nil }.map(\.0)
            let done = runCounts.values.reduce(0, +)
            let elapsed = Double(MonotonicClock.nowNanoseconds - began) / 1e9
            plan.progress(done)
            let isEnough = done >= plan.count || elapsed >= mostSeconds
            guard !isEnough, done > 0, !targets.isEmpty else { break }
            let wanted = Double(plan.count - done) / Double(done) * elapsed
            let share = min(wanted, mostSeconds - elapsed) * Double(processCount)
            turn.round += 1
            turn.seconds = min(
                turn.seconds * 2, max(leastSeconds, Int(share / Double(targets.count)) + 1))
        }
        report.count("runs", runCounts.values.reduce(0, +))
        report.count("parsers", runCounts.count)
        report.count("runs of the slowest", runCounts.values.min() ?? 0)
        return report
    }

    /// TARGET SECONDS SEED DIRECTORY; or TARGET HEX, which repeats an input.
    static func child(_ arguments: [String]) throws {
        guard let target = FuzzTarget.all.first(where: { $0.name == arguments.first }) else {
            preconditionFailure("there is no parser of that name")
        }
        if arguments.count == 2 {
            guard let input = [UInt8](hexadecimal: arguments[1]) else {
                preconditionFailure("an input is hex digits, two for each byte")
            }
            let directory = try TemporaryDirectory()
            try target.prepare(directory.path)(input)
            return withExtendedLifetime(directory) {}
        }
        guard arguments.count == 4, let seconds = Int(arguments[1]), let seed = UInt64(arguments[2])
        else { preconditionFailure("a process of fuzz needs to know how long, and where") }
        try Worker(
            target: target, seconds: seconds, seed: seed, directoryPath: arguments[3]
        ).run()
    }

    private struct TurnResult: Sendable {
        var runCount = 0
        var failure: String?
    }

    /// A turn of each parser.
    private struct Turn: Sendable {
        let plan: TorturePlan
        var round: Int
        var seconds: Int

        /// The results in the order of `targets`.
        func run(_ targets: [FuzzTarget]) -> [TurnResult] {
            let results = Mutex([TurnResult](repeating: TurnResult(), count: targets.count))
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: processCount) { _ in
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < targets.count else { return }
                    let result = run(targets[index])
                    results.withLock { $0[index] = result }
                }
            }
            return results.withLock { $0 }
        }

        private func run(_ target: FuzzTarget) -> TurnResult {
            var result = TurnResult()
            let seed = plan.seed &+ UInt64(round)
            let directoryPath = "\(plan.directoryPath)/\(target.name)"
            do {
                try FileManager.default.createDirectory(
                    atPath: directoryPath, withIntermediateDirectories: true)
                var runner = plan.child(environment: ["SWIFT_BACKTRACE": "enable=no"])
                runner.workingDirectory = directoryPath
                let ended = try runner.run([
                    "child", name, target.name, "\(seconds)", "\(seed)", directoryPath,
                ])
                result.runCount = Self.runCount(directoryPath)
                if ended.exitCode != 0 {
                    let input = try SecretHome.bytes(atPath: "\(directoryPath)/input")
                    result.failure =
                        """
                        \(target.name) of seed \(seed) ended with \(ended.exitCode): \
                        \(ended.errorText.suffix(600)); repeat it with 'Torture child fuzz \
                        \(target.name) \(String(hexadecimal: input))'
                        """
                }
            } catch {
                result.failure = "\(target.name) could not be fuzzed: \(error)"
            }
            return result
        }

        private static func runCount(_ directoryPath: String) -> Int {
            let text = try? String(contentsOfFile: "\(directoryPath)/runs", encoding: .utf8)
            return text.flatMap { Int($0) } ?? 0
        }
    }

    /// One process's inputs to one parser. What libFuzzer has found worth keeping stays in the directory for the
    /// parser's next turn.
    private struct Worker {
        let target: FuzzTarget
        let seconds: Int
        let seed: UInt64
        let directoryPath: String

        func run() throws {
            for name in ["runs", "input", "state"] {
                try? FileManager.default.removeItem(atPath: "\(directoryPath)/\(name)")
            }
            let state = "\(directoryPath)/state"
            try FileManager.default.createDirectory(
                atPath: state, withIntermediateDirectories: true)
            let body = try target.prepare(state)
            let done = Done(try File.createExclusively("\(directoryPath)/input"), directoryPath)
            let end = Deadline.seconds(Double(seconds))
            let step: @Sendable ([UInt8]) -> Void = { input in
                done.begin(input)
                body(input)
                done.end()
            }
            let corpus = "\(directoryPath)/corpus"
            try FileManager.default.createDirectory(
                atPath: corpus, withIntermediateDirectories: true)
            for (index, seed) in target.seeds.enumerated() {
                try Data(seed).write(to: URL(fileURLWithPath: "\(corpus)/\(index)"))
            }
            // What a parser takes grows with its input, the more so where every comparison is watched.
            let longest = max(512, 2 * (target.seeds.map(\.count).max() ?? 0))
            CoverageFuzzer.run(
                [
                    "-seed=\(seed)", "-max_len=\(longest)", "-rss_limit_mb=4096", "-timeout=120",
                    "-detect_leaks=0", "-print_final_stats=0", "-verbosity=0", corpus,
                ]
            ) { input in
                step(input)
                if end.hasPassed { done.finish() }
            }
            var mutator = Mutator(seeds: target.seeds, seed: seed)
            for input in target.seeds { step(input) }
            while !end.hasPassed { step(mutator.next()) }
            done.finish()
        }
    }

    /// Notes what is being tried, for whoever finds the process dead, and how much was done.
    private final class Done: Sendable {
        private let file: File
        private let directoryPath: String
        private let runs = Atomic(0)
        private let longest = Atomic(0)

        init(_ file: File, _ directoryPath: String) {
            self.file = file
            self.directoryPath = directoryPath
        }

        var count: Int { runs.load(ordering: .relaxed) }

        func begin(_ input: [UInt8]) {
            if input.count < longest.load(ordering: .relaxed) {
                try? file.truncate(to: input.count)
            }
            longest.store(input.count, ordering: .relaxed)
            try? file.write(input.span, at: 0)
        }

        func end() { runs.wrappingAdd(1, ordering: .relaxed) }

        /// Ends the process.
        func finish() -> Never {
            try? Data("\(count)".utf8).write(to: URL(fileURLWithPath: "\(directoryPath)/runs"))
            // To libFuzzer an exit of the usual kind is a fault that it has found.
            _exit(0)
        }
    }
}
