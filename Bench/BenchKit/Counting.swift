/// How a cell's exact counts are taken: calls of the system or of a library, which don't wobble.
public struct Counting: Sendable {
    /// How many operations one caller does between two readings.
    public let operationCount: Int
    /// Reads everything that is counted, as totals since the process began, by name.
    public let snapshot: @Sendable () -> [String: Int]

    /// Describes a count of at least one operation.
    public init(operationCount: Int, snapshot: @escaping @Sendable () -> [String: Int]) {
        precondition(operationCount > 0, "a count needs an operation")
        self.operationCount = operationCount
        self.snapshot = snapshot
    }

    /// How often the same operations are counted: a count that differs isn't exact.
    static let passCount = 3

    /// Counts operations of a workload that has been set up; each pass meets the same seed, and one
    /// that isn't counted comes first, because what it brings into caches the others find there.
    ///
    /// Throws what the workload throws.
    public func count(_ workload: any Workload, seed: UInt64) throws -> CountResult {
        let passes = try (0...Self.passCount).map { _ in
            try workload.withRun {
                let operation = try workload.makeOperation(
                    for: Caller(index: 0, count: 1, runSeed: seed))
                let before = snapshot()
                for _ in 0..<operationCount { _ = try operation() }
                return snapshot().merging(before, uniquingKeysWith: -)
            }.success
        }.dropFirst()
        var counts: [String: CountRange] = [:]
        for name in Set(passes.flatMap(\.keys)) {
            let values = passes.map { $0[name] ?? 0 }
            counts[name] = CountRange(least: values.min() ?? 0, most: values.max() ?? 0)
        }
        return CountResult(operationCount: operationCount, counts: counts)
    }
}

/// What a number of operations of one caller took, by name.
public struct CountResult: Codable, Equatable, Sendable {
    /// How many operations.
    public let operationCount: Int
    /// What they took altogether.
    public let counts: [String: CountRange]

    /// The counts that are exact on both sides and differ, by name in ascending order.
    ///
    /// None are compared when the numbers of operations differ: the caller has checked that.
    public func changes(from earlier: CountResult) -> [CountChange] {
        counts.keys.sorted().compactMap { name in
            guard let now = counts[name]?.exact, let before = earlier.counts[name]?.exact,
                now != before, operationCount == earlier.operationCount
            else { return nil }
            return CountChange(name: name, before: before, now: now)
        }
    }
}

/// What the passes of a count found.
public struct CountRange: Codable, Equatable, Sendable {
    /// The least of the passes.
    public let least: Int
    /// The most.
    public let most: Int

    /// The count, if all passes agreed.
    public var exact: Int? { least == most ? least : nil }
}

/// An exact count that is no longer what it was.
public struct CountChange: Codable, Equatable, Sendable {
    /// What is counted.
    public let name: String
    /// What it was.
    public let before: Int
    /// What it is now.
    public let now: Int

    /// Whether there is more of it, which is a regression.
    public var isMore: Bool { now > before }
}
