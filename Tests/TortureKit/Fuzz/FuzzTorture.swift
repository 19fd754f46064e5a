internal import Foundation
internal import SluiceNative
internal import Synchronization
internal import TestSupport

/// Feeds parsers what no encoder would write. A process for each, so that a trap ends that one alone.
///
/// Inputs are mutations of seeds, from a seeded generator; where libFuzzer is linked (`scripts/torture`), from
/// it, with AddressSanitizer.
enum FuzzTorture: Torture {
    static let name = "fuzz"
    static let summary = "every parser of bytes and text, and objects forged with the right keys"
    static let counts = (suite: 1000, full: 100_000_000)

    /// As many processes at a time as there are cores in the smallest machine that matters.
    private static let processCount = 2
    /// What every parser gets at least, and all together at most.
    private static let leastSeconds = 5
    private static let mostSeconds = 8 * 3600

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        let report = Mutex(TortureReport())
        let next = Atomic(0)
        let work = Work(plan: plan, runCount: plan.count / FuzzTarget.all.count + 1)
        DispatchQueue.concurrentPerform(iterations: processCount) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < FuzzTarget.all.count else { return }
                let part = work.run(FuzzTarget.all[index])
                report.withLock { $0.add(part) }
                plan.progress(report.withLock { $0.counts.first?.count ?? 0 })
            }
        }
        return report.withLock { $0 }
    }

    /// TARGET RUNS SECONDS SEED DIRECTORY; or TARGET HEX, which repeats an input.
    static func child(_ arguments: [String]) throws {
        guard let target = FuzzTarget.all.first(where: { $0.name == arguments.first }) else {
            preconditionFailure("there is no parser of that name")
        }
        if arguments.count == 2 {
            let directory = try TemporaryDirectory()
            try target.prepare(directory.path)(Work.bytes(ofHex: arguments[1]))
            return withExtendedLifetime(directory) {}
        }
        guard arguments.count == 5, let runCount = Int(arguments[1]),
            let seconds = Int(arguments[2]), let seed = UInt64(arguments[3])
        else { preconditionFailure("a process of fuzz needs to know how much, and where") }
        try Worker(
            target: target, runCount: runCount, seconds: seconds, seed: seed,
            directoryPath: arguments[4]
        ).run()
    }

    /// What the processes are asked for.
    private struct Work: Sendable {
        let plan: TorturePlan
        let runCount: Int

        func run(_ target: FuzzTarget) -> TortureReport {
            var report = TortureReport()
            let directoryPath = "\(plan.directoryPath)/\(target.name)"
            do {
                try FileManager.default.createDirectory(
                    atPath: directoryPath, withIntermediateDirectories: true)
                let most = mostSeconds * processCount / FuzzTarget.all.count
                var runner = plan.child(environment: ["SWIFT_BACKTRACE": "enable=no"])
                runner.workingDirectory = directoryPath
                let result = try runner.run([
                    "child", name, target.name, "\(runCount)", "\(most)", "\(plan.seed)",
                    directoryPath,
                ])
                report.count("runs", Self.runCount(directoryPath))
                report.count("parsers")
                if result.exitCode != 0 {
                    let input = Self.lastInput(directoryPath)
                    report.fail(
                        """
                        \(target.name) of seed \(plan.seed) ended with \(result.exitCode): \
                        \(result.errorText.suffix(600)); repeat it with 'Torture child fuzz \
                        \(target.name) \(Self.hex(input))'
                        """)
                }
            } catch {
                report.fail("\(target.name) could not be fuzzed: \(error)")
            }
            return report
        }

        private static func runCount(_ directoryPath: String) -> Int {
            let text = try? String(contentsOfFile: "\(directoryPath)/runs", encoding: .utf8)
            return text.flatMap { Int($0) } ?? 0
        }

        private static func lastInput(_ directoryPath: String) -> [UInt8] {
            (try? SecretHome.bytes(atPath: "\(directoryPath)/input")) ?? []
        }

        static func hex(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        static func bytes(ofHex text: String) -> [UInt8] {
            let digits = Array(text.utf8)
            return stride(from: 0, to: digits.count - 1, by: 2).map { place in
                UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) ?? 0
            }
        }
    }

    /// One process's inputs to one parser.
    private struct Worker {
        let target: FuzzTarget
        let runCount: Int
        let seconds: Int
        let seed: UInt64
        let directoryPath: String

        func run() throws {
            let state = "\(directoryPath)/state"
            try FileManager.default.createDirectory(
                atPath: state, withIntermediateDirectories: true)
            let body = try target.prepare(state)
            let done = Done(try File.createExclusively("\(directoryPath)/input"), directoryPath)
            let began = MonotonicClock.nowNanoseconds
            let isEnough: @Sendable (Int) -> Bool = { count in
                let elapsed = (MonotonicClock.nowNanoseconds - began) / 1_000_000_000
                return elapsed >= leastSeconds && count >= runCount || elapsed >= seconds
            }
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
            CoverageFuzzer.run(
                [
                    "-seed=\(seed)", "-max_len=8192", "-rss_limit_mb=4096", "-timeout=120",
                    "-detect_leaks=0", "-print_final_stats=0", "-verbosity=0", corpus,
                ]
            ) { input in
                step(input)
                if isEnough(done.count) { done.finish() }
            }
            var mutator = Mutator(seeds: target.seeds, seed: seed)
            for input in target.seeds { step(input) }
            while !isEnough(done.count) { step(mutator.next()) }
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
