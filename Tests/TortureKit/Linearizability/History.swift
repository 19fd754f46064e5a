internal import Foundation
internal import Sluice

/// What callers did and were told, and when.
struct History {
    struct Entry {
        let called: Int
        let returned: Int
        let operation: ObjectOperation
        let outcome: ObjectOutcome
    }

    private(set) var operations: [Entry] = []

    /// Reads the histories that threads left in a directory, and removes them.
    static func take(from directoryPath: String) throws -> History {
        var history = History()
        for name in try FileManager.default.contentsOfDirectory(atPath: directoryPath)
        where name.hasSuffix(".history") {
            let path = "\(directoryPath)/\(name)"
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 10, let called = Int(words[0]), let returned = Int(words[1]),
                    let operation = ObjectOperation(words[2..<7]),
                    let outcome = ObjectOutcome(words[7..<10])
                else { throw Violation(description: "\(path) is no history: \(line)") }
                history.operations.append(
                    Entry(
                        called: called, returned: returned, operation: operation, outcome: outcome))
            }
            try FileManager.default.removeItem(atPath: path)
        }
        return history
    }

    /// Checks what was done with each pair.
    func check(into report: inout TortureReport, what: String) {
        var byPair: [Int: [Entry]] = [:]
        for entry in operations { byPair[entry.operation.pair, default: []].append(entry) }
        for (pair, entries) in byPair.sorted(by: { $0.key < $1.key }) {
            let checker = Self.check(entries)
            report.count("operations", checker.operationCount)
            if let violation = checker.violation {
                report.fail("\(what): no sequential store does this to pair \(pair): \(violation)")
            }
        }
    }

    /// Tells a checker of what happened to one pair, in order.
    static func check(_ entries: [Entry]) -> LinearizabilityChecker {
        struct Event {
            let time: Int
            let isReturn: Bool
            let index: Int
        }
        var events: [Event] = []
        for (index, entry) in entries.enumerated() {
            events.append(Event(time: entry.called, isReturn: false, index: index))
            events.append(Event(time: entry.returned, isReturn: true, index: index))
        }
        // What has the same stamp may have overlapped.
        events.sort { ($0.time, $0.isReturn ? 1 : 0) < ($1.time, $1.isReturn ? 1 : 0) }
        var checker = LinearizabilityChecker()
        for event in events {
            let entry = entries[event.index]
            guard let steps = entry.operation.steps(entry.outcome) else { continue }
            if event.isReturn {
                checker.return(
                    event.index, "\(entry.operation.text) came to \(entry.outcome.text)")
            } else {
                checker.call(event.index, steps)
            }
        }
        return checker
    }
}
