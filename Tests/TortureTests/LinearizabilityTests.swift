import TestSupport
import Testing

@testable import TortureKit

/// The checker itself, by histories of which anybody can see whether they are possible.
@Suite struct LinearizabilityCheckerTests {
    private static func value(_ number: Int) -> RegisterValue {
        RegisterValue(content: number, version: number + 100)
    }

    private static func put(_ number: Int, second: Bool = false) -> RegisterStep {
        RegisterStep(second, .put(isSecond: second, value(number)))
    }

    private static func get(_ number: Int?, second: Bool = false) -> RegisterStep {
        RegisterStep(second, is: number.map { .content($0) } ?? .absent)
    }

    /// `(call, return, what it did)`, in any order.
    private func check(_ operations: (Int, Int, [RegisterStep])...) -> Bool {
        var checker = LinearizabilityChecker()
        let last = operations.map(\.1).max() ?? 0
        for time in 0...last {
            for (id, operation) in operations.enumerated() where operation.0 == time {
                checker.call(id, operation.2)
            }
            for (id, operation) in operations.enumerated() where operation.1 == time {
                checker.return(id, "\(id)")
            }
        }
        return checker.violation == nil
    }

    @Test func `what happens one after the other is as it was told`() {
        #expect(check((0, 1, [Self.get(nil)]), (2, 3, [Self.put(1)]), (4, 5, [Self.get(1)])))
        #expect(!check((0, 1, [Self.put(1)]), (2, 3, [Self.get(nil)])))
        #expect(!check((0, 1, [Self.put(1)]), (2, 3, [Self.put(2)]), (4, 5, [Self.get(1)])))
    }

    @Test func `a read beside a put may see it or not`() {
        #expect(check((0, 9, [Self.put(1)]), (2, 3, [Self.get(nil)]), (4, 5, [Self.get(1)])))
        // Once somebody has seen it, nobody sees what was before.
        #expect(!check((0, 9, [Self.put(1)]), (2, 3, [Self.get(1)]), (4, 5, [Self.get(nil)])))
    }

    @Test func `two puts beside each other come in the order that reads show`() {
        let puts = [(0, 9, [Self.put(1)]), (0, 9, [Self.put(2)])]
        #expect(check(puts[0], puts[1], (2, 3, [Self.get(1)]), (4, 5, [Self.get(2)])))
        #expect(check(puts[0], puts[1], (2, 3, [Self.get(2)]), (4, 5, [Self.get(1)])))
        #expect(
            !check(
                puts[0], puts[1], (2, 3, [Self.get(1)]), (4, 5, [Self.get(2)]),
                (6, 7, [Self.get(1)])))
    }

    @Test func `of two conditional puts beside each other one is refused`() {
        let absent = { RegisterStep(is: .absent, .put(isSecond: false, Self.value($0))) }
        let refused = RegisterStep(is: .present)
        #expect(check((0, 9, [absent(1)]), (0, 9, [refused])))
        #expect(!check((0, 9, [absent(1)]), (0, 9, [absent(2)])))
        #expect(!check((0, 9, [refused])))
        let match = { (old: Int, new: Int) in
            RegisterStep(
                is: .version(Self.value(old).version), .put(isSecond: false, Self.value(new)))
        }
        #expect(check((0, 1, [Self.put(1)]), (2, 9, [match(1, 2)]), (2, 9, [match(2, 3)])))
        #expect(!check((0, 1, [Self.put(1)]), (2, 9, [match(1, 2)]), (2, 9, [match(1, 3)])))
    }

    @Test func `what is leased is changed by nobody`() {
        let lease = RegisterStep(false, .lease(isSecond: false, 5))
        let release = RegisterStep(false, .release(isSecond: false, 5))
        let refused = RegisterStep(is: .leased(unlessAs: 0))
        let leased = [(0, 1, [Self.put(1)]), (2, 3, [lease])]
        #expect(
            check(
                leased[0], leased[1], (4, 5, [refused]), (6, 7, [release]), (8, 9, [Self.put(2)])))
        #expect(!check(leased[0], leased[1], (4, 5, [Self.put(2)])))
        #expect(
            !check(leased[0], leased[1], (4, 5, [RegisterStep(false, .lease(isSecond: false, 6))])))
        #expect(!check(leased[0], (2, 3, [refused])))
        #expect(!check(leased[0], (2, 3, [release])))
        #expect(
            !check(leased[0], leased[1], (4, 5, [RegisterStep(false, .move(fromSecond: true))])))
    }

    @Test func `a rename is one step, and a copy two`() {
        let move = RegisterStep(is: .value(Self.value(1)), .move(fromSecond: false))
        let there = (2, 9, [move])
        #expect(
            check(
                (0, 1, [Self.put(1)]), there, (3, 4, [Self.get(nil)]),
                (5, 6, [Self.get(1, second: true)])))
        // It isn't under both names, nor under none.
        #expect(
            !check(
                (0, 1, [Self.put(1)]), there, (3, 4, [Self.get(1, second: true)]),
                (5, 6, [Self.get(1)])))
        #expect(
            !check(
                (0, 1, [Self.put(1)]), there, (3, 4, [Self.get(nil)]),
                (5, 6, [Self.get(nil, second: true)])))
        // What is copied may be replaced before the copy is there.
        let copy = (2, 9, [Self.get(1), Self.put(1, second: true)])
        #expect(
            check(
                (0, 1, [Self.put(1)]), copy, (3, 4, [Self.put(2)]),
                (5, 6, [Self.get(nil, second: true)]), (10, 11, [Self.get(1, second: true)])))
        #expect(!check((0, 1, [Self.put(1)]), (2, 3, [Self.put(2)]), (4, 9, copy.2)))
    }

    @Test func `what was never answered has happened when its caller died, or never does`() {
        for found in [1, 2] {
            var checker = LinearizabilityChecker(RegisterPair(first: Self.value(1)))
            checker.call(0, [Self.put(2)])
            checker.abandonPending()
            checker.call(1, [Self.get(found)])
            checker.return(1, "get")
            #expect(checker.violation == nil)
            checker.call(2, [Self.get(3 - found)])
            checker.return(2, "get")
            #expect(checker.violation == "get")
        }
    }

    @Test func `a store that answers from a cache is caught`() throws {
        let directory = try TemporaryDirectory()
        let plan = TorturePlan(count: 4000, directoryPath: directory.path)
        let report = try LinearizabilityTorture.run(plan, isBroken: true)
        #expect(report.failureCount > 0, "\(report.summary)")
    }
}
