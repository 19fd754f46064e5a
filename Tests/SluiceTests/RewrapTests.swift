import Foundation
import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// How objects come from older versions of a key to the current one.
@Suite struct RewrapTests {
    /// Each object has a wrapped key of its own.
    private static func options() -> StoreOptions {
        var options = StoreOptions.fast()
        options.objectsPerDataKey = 1
        return options
    }

    private func fill(_ store: Store, _ count: Int, prefix: String = "o") throws {
        for index in 0..<count {
            try store.put([UInt8(index)], as: ObjectName("\(prefix)/\(index)"))
        }
    }

    private func expect(_ store: Store, has count: Int, prefix: String = "o") throws {
        for index in 0..<count {
            #expect(try store.get(ObjectName("\(prefix)/\(index)")) == [UInt8(index)])
        }
    }

    // MARK: The sweep

    @Test(arguments: [1, 1024])
    func `a sweep leaves nothing under older versions`(objectsPerDataKey: Int) throws {
        var options = StoreOptions.fast()
        options.objectsPerDataKey = objectsPerDataKey
        let store = try Store.inMemory(options: options)
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 10)
        let second = try customer.rotate()
        try fill(store, 5, prefix: "p")
        try store.put(patternedBytes(90_000), as: "large", options: .with())
        let third = try customer.rotate()
        #expect(try customer.census == [customer.first: 10, second: 6])
        let seen = Box(0)
        let report = try store.rewrap { progress in
            #expect(progress.totalObjectCount == 16)
            seen.update { $0 = max($0, progress.objectCount) }
        }
        #expect(report.objectCount == 16)
        #expect(report.keyCount == (objectsPerDataKey == 1 ? 16 : 3))
        #expect(report.byteCount == 90_015)
        #expect(report.failures.isEmpty && report.remainingObjectCount == 0)
        #expect(seen.value == 16)
        #expect(try customer.census == [third: 16])
        for version in [customer.first, second] { try customer.disable(version) }
        store.forgetObjectKeys()
        try expect(store, has: 10)
        try expect(store, has: 5, prefix: "p")
        #expect(try store.get("large") == patternedBytes(90_000))
        #expect(try store.verify().findings == [])
        #expect(try store.rewrap().keyCount == 0)
    }

    @Test func `a sweep goes on where the last one ended`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 7)
        let second = try customer.rotate()
        var options = RewrapOptions()
        options.limit = 0
        #expect(try store.rewrap(options).remainingObjectCount == 7)
        options.limit = 3
        for remaining in [4, 1, 0] {
            let report = try store.rewrap(options)
            #expect(report.keyCount == min(3, remaining + 3 == 3 ? 1 : 3))
            #expect(report.remainingObjectCount == remaining)
        }
        #expect(try customer.census == [second: 7])
    }

    @Test func `a sweep goes by the version to which another store has moved the scope`() throws {
        let home = try TestHome()
        try home.withStore(Self.options()) { first throws in
            let customer = try Customer(first)
            try fill(first, 4)
            try customer.rotate()
            try fill(first, 4, prefix: "p")
            try home.withStore(Self.options()) { other throws in
                try expect(other, has: 4)
                try first.updateScope(.default, key: customer.first)
                let report = try other.rewrap()
                #expect(report.objectCount == 4 && report.remainingObjectCount == 0)
                #expect(try customer.census == [customer.first: 8])
            }
        }
    }

    @Test func `a sweep of a prefix, or of one version, leaves the rest`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 4, prefix: "a")
        try fill(store, 3, prefix: "b")
        let second = try customer.rotate()
        try fill(store, 2, prefix: "c")
        let third = try customer.rotate()
        var options = RewrapOptions()
        options.prefix = "b/"
        #expect(try store.rewrap(options).objectCount == 3)
        #expect(try customer.census == [customer.first: 4, second: 2, third: 3])
        options = RewrapOptions()
        options.fromVersion = second.version?.uppercased()
        #expect(try store.rewrap(options).remainingObjectCount == 4)
        #expect(try customer.census == [customer.first: 4, third: 5])
        options.fromVersion = third.version
        #expect(failure { try store.rewrap(options) } == .invalidArgument)
    }

    @Test func `what reads have in the cache stays there through a sweep`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 8)
        _ = try customer.rotate()
        // All are hot but one, which the sweep has to unwrap.
        store.forgetObjectKeys()
        for index in 1..<8 { _ = try store.get(ObjectName("o/\(index)")) }
        let hot = unwrapCount(store)
        #expect(try store.rewrap().keyCount == 8)
        #expect(unwrapCount(store) == hot + 1)
        for index in 1..<8 { #expect(try store.get(ObjectName("o/\(index)")) == [UInt8(index)]) }
        #expect(unwrapCount(store) == hot + 1)
        // What was not hot isn't made so.
        try expect(store, has: 8)
        #expect(unwrapCount(store) == hot + 2)
    }

    private func unwrapCount(_ store: Store) -> Int {
        store.vaults.operationCounts.filter { $0.operation == "unwrapKey" }
            .reduce(0) { $0 + $1.count }
    }

    @Test func `a sweep keeps to its rate`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 6)
        try customer.rotate()
        var options = RewrapOptions()
        options.keysPerSecond = 50
        let start = MonotonicClock.nowNanoseconds
        #expect(try store.rewrap(options).keyCount == 6)
        // The first is free.
        #expect(MonotonicClock.nowNanoseconds - start >= 5 * 20_000_000)
    }

    @Test func `a sweep that may not use a version fails, and what it did stays`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 3)
        let second = try customer.rotate()
        try fill(store, 2, prefix: "p")
        let third = try customer.rotate()
        _ = try store.get("o/0")
        try customer.disable(second)
        let error = thrown { try store.rewrap() }
        #expect(error?.code == .accessDenied && error?.vaultCode == .keyDisabled)
        #expect(try customer.census[second] == 2)
        try customer.enable(second)
        #expect(try store.rewrap().remainingObjectCount == 0)
        #expect(try customer.census == [third: 5])
    }

    @Test func `a sweep that is revoked commits no more`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 40)
        try customer.rotate()
        var options = RewrapOptions()
        options.keysPerSecond = 100
        let isRevoked = Box(false)
        let error = thrown {
            try store.rewrap(options) { _ in
                guard !isRevoked.value else { return }
                isRevoked.update { $0 = true }
                try? RevocationKind.policyRemoved.revoke(customer)
            }
        }
        #expect(isRevoked.value)
        #expect(error?.code == .accessDenied)
        let before = try customer.census
        #expect(before.count == 2)
        try RevocationKind.policyRemoved.restore(customer)
        #expect(try store.rewrap().remainingObjectCount == 0)
        try expect(store, has: 40)
    }

    // MARK: Beside others

    @Test func `a sweep beside overwrites and removals loses nothing and resurrects nothing`()
        throws
    {
        let home = try TestHome()
        let (store, other) = (try home.open(Self.options()), try home.open(Self.options()))
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try fill(store, 90)
        _ = try other.get("o/0")
        try customer.rotate()
        try together(4) { index in
            switch index {
            case 0: while try store.rewrap().remainingObjectCount > 0 {}
            case 1:
                for index in stride(from: 0, to: 90, by: 3) {
                    try other.remove(ObjectName("o/\(index)"))
                }
            case 2:
                for index in stride(from: 1, to: 90, by: 3) {
                    try other.put([UInt8(index), 1], as: ObjectName("o/\(index)"))
                }
            default:
                for index in stride(from: 2, to: 90, by: 3) {
                    try store.copy(ObjectName("o/\(index)"), to: ObjectName("c/\(index)"))
                    _ = try store.pin(ObjectName("o/\(index)"))
                }
            }
        }
        for index in 0..<90 {
            let name = try ObjectName("o/\(index)")
            switch index % 3 {
            case 0: #expect(failure { try store.get(name) } == .notFound)
            case 1: #expect(try store.get(name) == [UInt8(index), 1])
            default:
                #expect(try store.get(name) == [UInt8(index)])
                #expect(try store.get(ObjectName("c/\(index)")) == [UInt8(index)])
            }
        }
        let current = try store.scope(.default).currentKey
        #expect(try customer.census == [current: 90])
        #expect(try store.verify().findings == [])
        for pin in try store.pins() { #expect(try store.get(pinned: pin.id).count == 1) }
    }

    // a sweep               | others
    // ----------------------|---------------------------
    // reads a row, wraps    |
    //                       | remove its object; put another, in the same row
    // commits: skips it     |
    @Test func `a sweep leaves a row alone that has become another's`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.put([1], as: "o")
        let second = try customer.rotate()
        let scope = try store.registry.scope(named: .default)
        let row = try #require(
            try store.context.catalog.wrappedKeys(
                scope: scope.record.rowID,
                in: store.context.catalog.keysInUse(ofScope: scope.record.rowID)[0].group,
                afterRow: 0, limit: 10
            ).first)
        let wrapped = try store.context.access.wrap(
            try store.context.access.unwrap(row.wrapped, as: store.identity), under: second,
            as: store.identity)
        try store.remove("o")
        try store.put([2], as: "n")
        let answer = try store.context.catalog.rewrap(
            RewrapOperation(
                keys: [RewrappedKey(row: row, wrapped: wrapped, identity: scope.identity)],
                scope: scope.use(for: .wrapKey)))
        guard case .committed([false]) = answer else {
            Issue.record("\(answer)")
            return
        }
        store.forgetObjectKeys()
        #expect(try store.get("n") == [2])
        #expect(failure { try store.get("o") } == .notFound)
        #expect(try customer.census == [second: 1])
        #expect(try store.verify().findings == [])
    }

    // MARK: On read

    @Test func `a read rewraps where that is set, and nowhere else`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 4)
        let second = try customer.rotate()
        try expect(store, has: 4)
        store.readRewrapper.drain()
        #expect(try customer.census == [customer.first: 4])
        try store.updateScope(.default, rewrapMode: .onRead)
        _ = try store.get("o/0")
        _ = try store.get("o/1", range: .offsets(0..<1))
        _ = try store.info("o/2")
        store.readRewrapper.drain()
        #expect(try customer.census == [customer.first: 2, second: 2])
        #expect(try store.info("o/1").keyIdentifier == second)
        try expect(store, has: 4)
        store.readRewrapper.drain()
        #expect(try customer.census == [second: 4])
        try customer.disable(customer.first)
        try expect(store, has: 4)
        #expect(try store.verify().findings == [])
    }

    @Test func `an overwrite and a copy rewrap, a rename doesn't`() throws {
        let store = try Store.inMemory(options: Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store, 4)
        let second = try customer.rotate()
        #expect(try store.put([9], as: "o/0").keyIdentifier == second)
        #expect(try store.copy("o/1", to: "o/1").keyIdentifier == second)
        #expect(try store.copy("o/2", to: "c").keyIdentifier == second)
        #expect(try store.rename("o/3", to: "r").keyIdentifier == customer.first)
        #expect(try customer.census == [customer.first: 2, second: 3])
        #expect(try store.get("r") == [3])
        #expect(try store.verify().findings == [])
    }
}

/// A sweep that dies anywhere: `BarrierProbe` is what is killed.
@Suite(.serialized) struct RewrapCrashTests {
    private static let objectCount = 30

    private func makeHome() throws -> (home: TestHome, first: KeyIdentifier) {
        let home = try TestHome()
        var options = StoreOptions()
        options.objectsPerDataKey = 1
        options.durability = .none
        let first = try home.withStore(options) { store throws in
            let customer = try Customer(store)
            for index in 0..<Self.objectCount {
                try store.put([UInt8(index)], as: ObjectName("o/\(index)"))
            }
            try customer.rotate()
            return customer.first
        }
        return (home, first)
    }

    /// Looks at everything; returns how many objects are under the old version still.
    private func check(_ home: TestHome, _ first: KeyIdentifier) throws -> Int {
        try home.withStore { store throws in
            for index in 0..<Self.objectCount {
                #expect(try store.get(ObjectName("o/\(index)")) == [UInt8(index)])
            }
            #expect(try store.verify().findings == [])
            let census = try Customer.census(store)
            #expect(census.values.reduce(0, +) == Self.objectCount)
            return census[first] ?? 0
        }
    }

    private func runner(_ home: TestHome) -> CommandRunner {
        CommandRunner(barrierProbeIn: home.directory.path)
    }

    // The first COMMIT takes the new version up; then 30 keys at 40 a second go 10 at a time.
    @Test(arguments: ["entered", "done"], [1, 2, 3, 4])
    func `a sweep that is killed in a COMMIT, or after it, goes on from there`(
        moment: String, count: Int
    ) throws {
        let (home, first) = try makeHome()
        let arguments = ["sweep", home.directory.path, moment, String(count)]
        #expect(try runner(home).run(arguments).exitCode == 128 + SIGKILL)
        let committed = moment == "done" ? count : count - 1
        #expect(try check(home, first) == Self.objectCount - 10 * max(0, committed - 1))
        let last = try runner(home).run(["sweep", home.directory.path])
        #expect(last.exitCode == 0, "\(last.errorText)")
        #expect(try check(home, first) == 0)
    }

    @Test func `a sweep that is killed at any moment, again and again, ends all the same`() throws {
        let (home, first) = try makeHome()
        var random = Randomness(seed: 4)
        var remaining = Self.objectCount
        for _ in 0..<8 where remaining > 0 {
            let sweep = try runner(home).start(["sweep", home.directory.path], input: [])
            NativeThread.sleep(nanoseconds: 20_000_000 + random.below(500) * 1_000_000)
            sweep.send(SIGKILL)
            _ = try sweep.wait()
            let now = try check(home, first)
            #expect(now <= remaining)
            remaining = now
        }
        #expect(try runner(home).run(["sweep", home.directory.path]).exitCode == 0)
        #expect(try check(home, first) == 0)
    }
}
