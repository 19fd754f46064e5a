internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Flips every bit, and cuts, exchanges and forges whatever a store holds of an object.
///
/// Each change must end in a typed error, and no byte that isn't authenticated may leave the library;
/// where FORMAT leaves a column open, the right answer may come instead.
public enum EveryBit: Torture {
    /// See ``Torture/name``.
    public static let name = "every-bit"
    /// See ``Torture/summary``.
    public static let summary = "bits, bytes, chunks, rows and files altered: nothing false is read"
    /// See ``Torture/counts``.
    public static let counts = (suite: 85_536, full: 1_000_000)

    /// See ``Torture/run(_:)``.
    public static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        report.count("changes", 0)
        var seed = plan.seed
        repeat {
            var round = try EveryBitRound(
                plan, seed: seed, isFull: plan.count >= counts.full, done: report)
            try round.run()
            report = round.report
            seed += 1
        } while report.counts[0].count < plan.count && report.failureCount == 0
        return report
    }
}

/// One go through everything, on objects that follow from a seed.
struct EveryBitRound {
    let home: DamagedHome
    var report: TortureReport
    private let plan: TorturePlan
    private let seed: UInt64
    let isFull: Bool
    private var trial = 0

    init(
        _ plan: TorturePlan, seed: UInt64, isFull: Bool, done report: TortureReport
    ) throws {
        self.plan = plan
        self.seed = seed
        self.isFull = isFull
        self.report = report
        home = try DamagedHome("\(plan.directoryPath)/\(seed)")
        try makeObjects()
    }

    private func makeObjects() throws {
        let other: ScopeName = "other"
        try home.store.createScope(other)
        let eight = 2 * DamagedHome.chunk
        try home.put(patternedBytes(eight, seed: seed), as: "raw", asFile: true)
        try home.put(linedText(eight, seed: seed), as: "text", compression: .lz4, asFile: true)
        try home.put(patternedBytes(eight, seed: seed &+ 1), as: "dir/inline")
        try home.put(patternedBytes(eight, seed: seed &+ 7), as: "elsewhere", for: other)
        try home.put(patternedBytes(eight, seed: seed &+ 2), as: "twin", asFile: true)
        try home.put(patternedBytes(1 << 20, seed: seed &+ 3), as: "large")
        let many = 32 * DamagedHome.chunk
        try home.put(patternedBytes(many, seed: seed &+ 4), as: "many")
        try home.put(patternedBytes(many, seed: seed &+ 5), as: "many twin")
        try home.put(patternedBytes(many, seed: seed &+ 6), as: "many", in: other)
    }

    mutating func run() throws {
        defer { home.close() }
        try expectSound("before anything")
        for name in ["raw", "text"] { try flipBlob(home.object(name), stride: 1) }
        try flipBytes(home.object("large"), stride: isFull ? 1 : 128)
        try flipRows()
        try truncate(home.object("raw"))
        try truncate(home.object("text"))
        try moveChunks()
        try exchange(otherPath: "\(plan.directoryPath)/\(seed)-other", seed: seed)
        try forge()
        try expectSound("after everything")
    }

    // MARK: Judging

    /// What may be said of something that was altered.
    static let verdicts: Set<StoreError.Code> = [.integrity, .damagedCatalog, .wrongVault]

    /// Notes a change and what came of it.
    mutating func judge(
        _ what: @autoclosure () -> String, _ outcome: ReadOutcome, _ promise: ColumnPromise
    ) {
        trial += 1
        report.count("changes")
        if trial % 4096 == 0 { plan.progress(report.counts[0].count) }
        var allowed = Self.verdicts
        if promise == .hidden { allowed.insert(.notFound) }
        switch outcome {
        case .refused(let error):
            if !allowed.contains(error.code) { fail(what(), "\(error.code): \(error)") }
        case .wrong(let problem): fail(what(), problem)
        case .right:
            if case .open = promise {
                report.count("of them in columns that FORMAT leaves open")
            } else {
                fail(what(), "was not noticed")
            }
        }
    }

    mutating func fail(_ what: String, _ problem: String) {
        report.fail("\(what): \(problem) (--seed \(seed))")
    }

    /// The way to read in next.
    var way: ReadWay { ReadWay.allCases[trial % ReadWay.allCases.count] }

    /// Every object reads right, and a verification finds nothing: what was altered was put back.
    mutating func expectSound(_ when: String) throws {
        home.store.forgetObjectKeys()
        for object in home.objects {
            guard case .right = home.read(object, .bytes) else {
                fail(when, "\(object.description) doesn't read right")
                continue
            }
        }
        let findings = try home.store.verify().findings
        if !findings.isEmpty { fail(when, "verify finds \(findings)") }
    }

    /// A verification finds something, or is refused.
    mutating func expectNoticed(_ what: String) {
        do throws(StoreError) {
            if try home.store.verify().findings.isEmpty { fail(what, "verify finds nothing") }
            report.count("verifications of a damaged store")
        } catch {
            if !Self.verdicts.contains(error.code) { fail(what, "verify: \(error.code): \(error)") }
        }
    }
}

/// Bytes that compress.
func linedText(_ byteCount: Int, seed: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var line = seed
    while bytes.count < byteCount {
        bytes += Array("sluice gate \(line) keeps the water\n".utf8)
        line += 1
    }
    return Array(bytes[..<byteCount])
}
