internal import Foundation
internal import TestSupport
internal import TortureKit

/// What `scripts/torture` runs.
struct TortureCommand {
    private var arguments: ArraySlice<String>
    private static let usage = """
        list                                         what there is
        run NAME [--suite] [--count N] [--seed N]    does it, and prints a row of the table
        child NAME ARGUMENT...                       a process of a torture's own
        """

    init(_ arguments: [String]) { self.arguments = arguments[...] }

    mutating func run() throws {
        switch next("what to do") {
        case "list":
            for each in allTortures { print("\(each.name)\t\(each.counts.full)\t\(each.summary)") }
        case "run": try torture()
        case "child": try find().child(Array(arguments))
        case let other: end("'\(other)' is nothing to do")
        }
    }

    private mutating func torture() throws {
        let torture = find()
        let directory = try TemporaryDirectory()
        var plan = TorturePlan(count: torture.counts.full, directoryPath: directory.path) { done in
            say("    \(torture.name): \(done)\r")
        }
        while !arguments.isEmpty {
            switch next("an option") {
            case "--suite": plan.count = torture.counts.suite
            case "--count": plan.count = number(Int.self)
            case "--seed": plan.seed = number(UInt64.self)
            case let option: end("there is no option '\(option)'")
            }
        }
        let began = ContinuousClock.now
        let report = try torture.run(plan)
        let seconds = began.duration(to: .now).components.seconds
        for failure in report.failures { say("\(torture.name): \(failure)\n") }
        print("| \(torture.name) | \(report.summary) | \(report.failureCount) | \(seconds) s |")
        withExtendedLifetime(directory) {}
        if report.failureCount > 0 { throw ExitCode.failed }
    }

    // MARK: - Arguments

    private mutating func next(_ what: String) -> String {
        guard let next = arguments.popFirst() else { end("\(what) is missing") }
        return next
    }

    private mutating func find() -> any Torture.Type {
        let name = next("a torture's name")
        guard let found = allTortures.first(where: { $0.name == name }) else {
            end("there is no torture '\(name)'; 'list' says which there are")
        }
        return found
    }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        let text = next("a number")
        guard let number = Number(text) else { end("'\(text)' is no number") }
        return number
    }

    private func end(_ message: String) -> Never {
        say("\(message)\n\(Self.usage)\n")
        exit(64)
    }

    enum ExitCode: Error {
        case failed
    }
}

private func say(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
}
