internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Processes of threads that do a random mix with few names at once, each operation stamped before and
/// after with the machine's monotonic clock; then every history must be one that a store could have
/// which does one thing at a time.
///
/// Names go in pairs, and what is done with a pair is judged together: a rename is one step that touches
/// both of its names, which a check of each name alone would miss. Pairs don't touch each other, and
/// histories of things apart are linearizable together if each is. A copy promises two steps only: it
/// reads, and then puts.
enum LinearizabilityTorture: Torture {
    static let name = "linearizability"
    static let summary =
        "4 processes of 8 threads on 16 names: every history one that a sequential store has"
    static let counts = (suite: 20_000, full: 2_000_000)

    private static let processCount = 4
    private static let threadCount = 8
    private static let pairCount = 8
    /// Operations of a round: then what was done is looked at and forgotten.
    private static let roundOperationCount = 200_000

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        try run(plan, isBroken: false)
    }

    /// With a store that sometimes answers from a cache that nobody keeps true, if it is to be caught.
    static func run(_ plan: TorturePlan, isBroken: Bool) throws -> TortureReport {
        var report = TortureReport()
        let home = "\(plan.directoryPath)/home"
        let store = try Store.open(StoreLocation(home: home), options: options())
        // The platform's key is made once, not by everybody who needs it first.
        try store.put([], as: "made")
        try store.createScope(Content.sealing, wrapping: .intermediate)
        try store.close()
        var (done, round) = (0, 0)
        while done < plan.count {
            let count = min(roundOperationCount, plan.count - done)
            let each = count / (processCount * threadCount) + 1
            let runner = plan.child()
            let children = try (0..<processCount).map { index in
                try runner.start(
                    [
                        "child", name, home, plan.directoryPath, String(round), String(index),
                        String(each), String(plan.seed), isBroken ? "broken" : "whole",
                    ], input: [])
            }
            for child in children {
                let result = try child.wait()
                if result.exitCode != 0 {
                    report.fail(
                        "seed \(plan.seed), round \(round): a process ended with "
                            + "\(result.exitCode): \(result.errorText.suffix(400))")
                }
            }
            let history = try History.take(from: plan.directoryPath)
            history.check(into: &report, what: "seed \(plan.seed), round \(round)")
            done += history.operations.count
            plan.progress(done)
            round += 1
            guard report.failureCount == 0 else { break }
        }
        report.count("processes started", round * processCount)
        return report
    }

    static func options() -> StoreOptions {
        var options = StoreOptions()
        options.durability = .none
        return options
    }

    static func child(_ arguments: [String]) throws {
        let (home, directoryPath, round, index) = (
            arguments[0], arguments[1], arguments[2], Int(arguments[3]) ?? 0
        )
        let (count, seed) = (Int(arguments[4]) ?? 0, UInt64(arguments[5]) ?? 0)
        let isBroken = arguments[6] == "broken"
        let store = try Store.open(StoreLocation(home: home), options: options())
        let threads = try (0..<threadCount).map { thread in
            let number = index * threadCount + thread
            var random = Randomness(seed: seed &+ UInt64(number + 1) &* 0x1_0001)
            for _ in 0..<(Int(round) ?? 0) { random = Randomness(seed: random.next()) }
            let caller = Caller(
                store: store, prefix: "\(round)-", number: number, count: count, random: random,
                isBroken: isBroken, path: "\(directoryPath)/\(number).history")
            return try NativeThread.start { caller.run() }
        }
        for thread in threads { thread.join() }
        try store.close()
    }

    /// One thread.
    private struct Caller: Sendable {
        let store: Store
        let prefix: String
        let number: Int
        let count: Int
        let random: Randomness
        let isBroken: Bool
        let path: String

        func run() {
            var random = random
            var lastTags: [Int: String] = [:]
            var seen: [ObjectOperation: ObjectOutcome] = [:]
            var text = ""
            var held: ObjectOperation?
            for index in 0..<count {
                let pair = random.below(pairCount)
                var operation = ObjectOperation.random(
                    &random, pair: pair, content: 1 + number + index * 64,
                    lastTag: random.once(in: 8) ? nil : lastTags[pair])
                if let lease = held {
                    // Soon, or nobody could change anything.
                    operation = lease
                    operation.kind = .release
                    held = nil
                } else if random.once(in: 32) {
                    operation.kind = .lease
                }
                let called = MonotonicClock.nowNanoseconds
                let outcome: ObjectOutcome
                do {
                    var asked = operation
                    (asked.content, asked.tag) = (0, "-")
                    if isBroken, operation.kind == .get, let old = seen[asked],
                        random.once(in: 8)
                    {
                        outcome = old
                    } else {
                        outcome = try operation.run(store, prefix: prefix)
                    }
                    if operation.kind == .get { seen[asked] = outcome }
                } catch {
                    FileHandle.standardError.write(Data("\(operation.text): \(error)\n".utf8))
                    exit(2)
                }
                let returned = MonotonicClock.nowNanoseconds
                if let tag = outcome.tag { lastTags[pair] = tag }
                if operation.kind == .lease, outcome.result == .done { held = operation }
                text += "\(called) \(returned) \(operation.text) \(outcome.text)\n"
            }
            guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
                exit(3)
            }
        }
    }
}
