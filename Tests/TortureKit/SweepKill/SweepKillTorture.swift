internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// Kills a sweep at each of its steps, in each of its pages, and the sweep that goes on from there, too.
///
/// Every object can be read then, the census is exact, and what was committed stays done. When a sweep
/// has ended the older version is disabled, for good: nothing may need it.
enum SweepKillTorture: Torture {
    static let name = "sweep-kill"
    static let summary =
        "kill -9 of a sweep at each of 8 named points of each page, and of the sweep after it"
    static let counts = (suite: 40, full: 2_000)

    private static let objectCount = 25
    /// A sweep at 40 a second takes 10 in a page: it has three.
    private static let keysPerSecond = 40.0
    private static let pageCount = 10
    private static let killsOfHome = 96

    /// In the order in which a page comes by them.
    private static let points: [String] =
        ([.pageRead, .unwrapped, .wrapped, .submitted] as [StoreMoment]).map(\.rawValue)
        + ["entered", "done"]
        + ([.counted, .swept] as [StoreMoment]).map(\.rawValue)

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        var report = TortureReport()
        report.count("kills", 0)
        var (killCount, home, rotation) = (0, 0, 0)
        while killCount < plan.count, report.failureCount == 0 {
            let run = SweptHome(path: "\(plan.directoryPath)/home-\(home)")
            try run.make()
            var random = Randomness(seed: plan.seed &+ UInt64(home) &* 101)
            let end = min(plan.count, killCount + killsOfHome)
            while killCount < end, report.failureCount == 0 {
                killCount += try sweep(run, rotation, plan, &random, &report)
                rotation += 1
                plan.progress(killCount)
            }
            try FileSystem.remove(tree: run.path)
            home += 1
        }
        return report
    }

    /// Rotates, and sweeps until nothing is left to do; the first two sweeps are killed.
    private static func sweep(
        _ home: SweptHome, _ number: Int, _ plan: TorturePlan, _ random: inout Randomness,
        _ report: inout TortureReport
    ) throws -> Int {
        let old = try home.rotate()
        report.count("rotations")
        var (killCount, remaining) = (0, objectCount)
        // All points of all pages in turn; then any.
        let first = points[number % points.count]
        let deaths = [
            (first, first == "swept" ? 1 : 1 + number / points.count % 3),
            (points.randomElement(using: &random) ?? "done", 1 + random.below(2)),
        ]
        for (point, count) in deaths {
            let result = try plan.child().run(["child", name, home.path, point, String(count)])
            let what = "seed \(plan.seed), rotation \(number), \(point) \(count)"
            guard [0, 128 + SIGKILL].contains(result.exitCode) else {
                report.fail("\(what): it ended with \(result.exitCode): \(result.errorText)")
                break
            }
            let before = remaining
            if result.exitCode != 0 {
                killCount += 1
                report.count("kills")
            }
            remaining = try home.check(old, what, &report)
            if !expected(point, count, before, result.exitCode != 0).contains(remaining) {
                report.fail("\(what): of \(before) objects \(remaining) are left to do")
            }
        }
        try home.finish(old, "seed \(plan.seed), rotation \(number)", &report)
        return killCount
    }

    /// How many objects a sweep leaves that dies at a point.
    private static func expected(
        _ point: String, _ count: Int, _ before: Int, _ isKilled: Bool
    ) -> ClosedRange<Int> {
        let left = { (pages: Int) in max(0, before - max(0, pages) * pageCount) }
        guard isKilled else { return 0...0 }
        return switch point {
        case "entered": left(count - 1)...left(count - 1)
        case "done", "counted": left(count)...left(count)
        case "swept": 0...0
        // While a page is read and wrapped the one before it is committed, or has been.
        case "submitted": left(count)...left(count - 1)
        case "pageRead": left(count - 1)...left(count - 2)
        // The first keys of the first page.
        default: before...before
        }
    }

    static func child(_ arguments: [String]) throws {
        let (point, count) = (arguments[1], Int(arguments[2]) ?? 1)
        let counter = Counter()
        let reach: @Sendable (String) -> Void = { name in
            guard name == point else { return }
            guard counter.value.wrappingAdd(1, ordering: .relaxed).newValue == count else { return }
            while true { _ = kill(getpid(), SIGKILL) }
        }
        var seams = StoreSeams()
        seams.onRelease = { reach($0 == .entered ? "entered" : "done") }
        seams.onMoment = { reach($0.rawValue) }
        let store = try SweptHome(path: arguments[0]).open(seams)
        var options = RewrapOptions()
        options.keysPerSecond = keysPerSecond
        try store.rewrap(options)
        try store.close()
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// A home whose objects are swept.
    private struct SweptHome {
        let path: String

        func open(_ seams: StoreSeams = StoreSeams()) throws -> Store {
            var options = StoreOptions()
            options.durability = .none
            options.objectsPerDataKey = 1
            options.seams = seams
            return try Store.open(StoreLocation(home: path), options: options)
        }

        func make() throws {
            let store = try open()
            _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
            let key = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "key").key
                .kid.versionless
            _ = try store.vaults.acting(as: .owner).setAccessPolicy(
                vault: "mine", for: store.identity)
            try store.createScope(.default, key: key)
            for index in 0..<objectCount {
                let number = index + 1
                try store.put(
                    Content.bytes(number), as: ObjectName("o/\(index)"),
                    options: Content.options(number, .always))
            }
            try store.close()
        }

        /// Makes a version, and takes it up; returns the one before.
        func rotate() throws -> KeyIdentifier {
            let store = try open()
            let old = try store.scope(.default).currentKey
            _ = try store.vaults.acting(as: .owner).rotateKey(vault: "mine", name: "key")
            _ = try store.info("o/0")
            try store.close()
            return old
        }

        /// Looks at everything; returns how many objects need the old version.
        func check(
            _ old: KeyIdentifier, _ what: String, _ report: inout TortureReport
        ) throws -> Int {
            let store = try open()
            for index in 0..<objectCount {
                let bytes = try store.get(ObjectName("o/\(index)"))
                if Content.number(of: bytes) != index + 1 {
                    report.fail("\(what): o/\(index) has other bytes")
                }
            }
            for finding in try store.verify().findings {
                report.fail("\(what): \(finding.subject): \(finding.problem)")
            }
            let census = try store.scope(.default).census
            if census.reduce(0, { $0 + $1.objectCount }) != objectCount {
                report.fail("\(what): the census has lost objects")
            }
            try store.close()
            return census.first { $0.key == old }?.objectCount ?? 0
        }

        /// Sweeps to the end, and disables the old version.
        func finish(
            _ old: KeyIdentifier, _ what: String, _ report: inout TortureReport
        ) throws {
            let store = try open()
            let swept = try store.rewrap()
            _ = try store.vaults.acting(as: .owner).updateKey(old, KeyChanges(isEnabled: false))
            try store.close()
            if swept.remainingObjectCount != 0 || !swept.failures.isEmpty {
                report.fail("\(what): a sweep in peace left \(swept.remainingObjectCount)")
            }
            if try check(old, "\(what), the old version disabled", &report) != 0 {
                report.fail("\(what): the census says that the old version is needed")
            }
        }
    }
}
