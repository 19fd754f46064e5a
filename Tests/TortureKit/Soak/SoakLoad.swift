internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// A store in use, by one of several processes.
final class SoakLoad: Sendable {
    private static let vault = "soak"
    private static let key = "key"
    private static let scope = "customer"
    private static let nameCount = 400
    /// Every eighth object is so large as to be a file.
    private static let byteCounts = [100, 4096, 20_000, 60_000, 1000, 9000, 30_000, 300_000]

    private let store: Store
    private let scope: ScopeName
    private let seed: UInt64
    private let location: StoreLocation
    private let gauge = LatencyGauge()
    private let isOver = Atomic<Bool>(false)
    private let report = Mutex(TortureReport())

    // MARK: Making

    /// Makes the store, with all of its objects.
    static func make(in directoryPath: String) throws {
        let store = try Store.open(StoreLocation(home: "\(directoryPath)/home"))
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: vault)
        let key = try store.vaults.acting(as: .owner).createKey(vault: vault, name: key).key.kid
            .versionless
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(vault: vault, for: store.identity)
        let scope = try ScopeName(scope)
        _ = try store.createScope(scope, key: key)
        for index in 0..<nameCount {
            _ = try store.put(bytes(of: index), as: name(index), in: scope)
        }
    }

    init(in directoryPath: String, seed: UInt64) throws {
        location = StoreLocation(home: "\(directoryPath)/home")
        self.seed = seed
        scope = try ScopeName(Self.scope)
        var options = StoreOptions()
        options.createIfMissing = false
        store = try Store.open(location, options: options)
    }

    private static func name(_ index: Int) throws(StoreError) -> ObjectName {
        try ObjectName("objects/\(index % 7)/\(index)")
    }

    /// An object's bytes, which are the same whenever it is put: so every get can be checked.
    private static func bytes(of index: Int) -> [UInt8] {
        patternedBytes(byteCounts[index % byteCounts.count], seed: UInt64(index) + 1)
    }

    // MARK: Using

    /// Does everything at once, for so long.
    func use(seconds: Int) throws -> TortureReport {
        try run(
            "user", seconds: seconds,
            threads: [{ self.readOn(1) }, { self.readOn(2) }, writeOn, turnKeys])
    }

    /// Reads, for so long.
    func read(seconds: Int) throws -> TortureReport {
        try run("reader", seconds: seconds, threads: [{ self.readOn(3) }, { self.readOn(4) }])
    }

    private func run(
        _ process: String, seconds: Int, threads: [@Sendable () -> Void]
    ) throws -> TortureReport {
        let group = DispatchGroup()
        for body in threads {
            group.enter()
            Thread.detachNewThread {
                body()
                group.leave()
            }
        }
        let began = ContinuousClock.now
        let pause = max(1, min(10, seconds / 10))
        var samples: [SoakSample] = []
        while began.duration(to: .now).components.seconds < seconds {
            Thread.sleep(forTimeInterval: Double(pause))
            samples.append(.take(storePath: location.store, gauge))
        }
        let elapsed = Int(began.duration(to: .now).components.seconds)
        isOver.store(true, ordering: .relaxed)
        group.wait()
        var report = TortureReport()
        if process == "user" {
            report.count("seconds", elapsed)
            for finding in try store.verify().findings {
                report.fail("verify: \(finding.subject): \(finding.problem)")
            }
        }
        report.add(self.report.withLock { $0 })
        report.count("samples", samples.count)
        SoakSamples(process, samples).judge(isLong: seconds >= 300, &report)
        try store.close()
        return report
    }

    // MARK: Threads

    private func readOn(_ thread: UInt64) {
        var random = Randomness(seed: seed &* 31 &+ thread)
        while !isOver.load(ordering: .relaxed) {
            let index = random.below(Self.nameCount)
            attempt("gets", allowing: [.notFound]) {
                let began = MonotonicClock.nowNanoseconds
                let bytes = try store.get(Self.name(index), in: scope)
                gauge.add(MonotonicClock.nowNanoseconds - began)
                if bytes != Self.bytes(of: index) { fail("other bytes in object \(index)") }
            }
        }
    }

    @Sendable private func writeOn() {
        var random = Randomness(seed: seed &* 31)
        while !isOver.load(ordering: .relaxed) {
            let index = random.below(Self.nameCount)
            if random.once(in: 8) {
                attempt("removals", allowing: [.notFound]) {
                    try store.remove(Self.name(index), in: scope)
                }
            }
            attempt("puts", allowing: []) {
                _ = try store.put(Self.bytes(of: index), as: Self.name(index), in: scope)
            }
        }
    }

    /// Rotates, sweeps and retires; then revokes and gives back; and again.
    @Sendable private func turnKeys() {
        while !isOver.load(ordering: .relaxed) {
            attempt("rotations, with sweeps", allowing: [.stillNeeded, .busy]) {
                let old = try store.scope(scope).currentKey
                _ = try store.vaults.acting(as: .owner).rotateKey(vault: Self.vault, name: Self.key)
                _ = try store.put([], as: "taken up", in: scope)
                _ = try store.rewrap(in: scope)
                _ = try store.retireKeyVersion(old, waitingSeconds: 60, as: .owner)
            }
            Thread.sleep(forTimeInterval: 0.2)
            attempt("revocations and restorations", allowing: []) {
                _ = try store.vaults.acting(as: .owner).deleteAccessPolicy(
                    vault: Self.vault, for: store.identity)
                Thread.sleep(forTimeInterval: 0.02)
                _ = try store.vaults.acting(as: .owner).setAccessPolicy(
                    vault: Self.vault, for: store.identity)
            }
            Thread.sleep(forTimeInterval: 0.2)
        }
    }

    /// Does something, and notes how it ended. Access may be gone at any time.
    private func attempt(
        _ what: String, allowing codes: Set<StoreError.Code>, _ body: () throws -> Void
    ) {
        do {
            try body()
            report.withLock { $0.count(what) }
        } catch let error as StoreError where codes.union([.accessDenied]).contains(error.code) {
            // Not at once again: nothing has changed yet.
            Thread.sleep(forTimeInterval: 0.001)
        } catch {
            fail("\(what): \((error as? StoreError)?.code as Any): \(error)")
        }
    }

    private func fail(_ what: String) {
        report.withLock { $0.fail("seed \(seed): \(what)") }
    }
}
