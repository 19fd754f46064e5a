internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// One damaged home, used and repaired.
struct DamageTrial {
    private(set) var report = TortureReport()
    private let state: DamageTemplate.State
    private let directory: String
    private let seed: UInt64
    private let number: Int
    private var random: DamageRandom
    private var tree: FileTree
    private var damages: [String] = []
    private var mayRollBack = false

    init(_ template: DamageTemplate, directory: String, seed: UInt64, number: Int) {
        self.directory = directory
        self.seed = seed
        self.number = number
        var random = DamageRandom(seed: seed, trial: number)
        let isOpen = random.below(2) == 0
        state = template.states[isOpen ? 1 : 0]
        tree = state.tree
        if isOpen { damages.append("left open") }
        for _ in 0..<1 + random.below(3) {
            let path = Self.choose(tree, &random)
            let damage = Damage.allCases[random.below(Damage.allCases.count)]
            tree.change(path) { damage(&$0, &random) }
            damages.append("\(damage) of \(path)")
            if path.hasSuffix("catalog.db-wal") { mayRollBack = true }
        }
        self.random = random
    }

    /// Mostly the catalog, then vaults, then the rest.
    private static func choose(_ tree: FileTree, _ random: inout DamageRandom) -> String {
        let groups = [
            ["store/catalog.db"], ["store/catalog.db"], ["store/catalog.db"],
            tree.paths("catalog.db-wal"), tree.paths("vault.db") + tree.paths("vault.db-wal"),
            tree.files.map(\.path).filter { $0.hasPrefix("vaults/") },
            tree.files.map(\.path).filter { $0.contains("/blobs/") },
        ]
        let group = groups[random.below(groups.count)]
        return group.isEmpty ? "store/catalog.db" : group[random.below(group.count)]
    }

    mutating func run() throws {
        report.count("damaged homes")
        try FileSystem.makeDirectories(directory)
        let isRotated = number % 32 == 0
        let home = "\(directory)/\(number)-a"
        try tree.write(to: home)
        let before = Examination(
            home, state, mayRollBack: mayRollBack, isRepaired: false, isRotated: isRotated)
        for fault in before.faults { fail(fault) }
        try FileSystem.remove(tree: home)
        try repair(before)
    }

    private mutating func fail(_ fault: String) {
        report.fail("\(fault) (trial \(number) of --seed \(seed): \(damages))")
    }

    // MARK: Repair

    private mutating func repair(_ before: Examination) throws {
        let home = "\(directory)/\(number)-b"
        try tree.write(to: home)
        defer { try? FileSystem.remove(tree: home) }
        if number % 8 == 1 { try killedRepair(home) }
        let first: RepairReport
        do throws(StoreError) {
            first = try Store.repair(StoreLocation(home: home), options: .damaged)
        } catch {
            report.count("repairs refused")
            try expectUnchanged(home, error)
            return
        }
        report.count("repairs")
        expectNothingDeleted(home)
        do throws(StoreError) {
            let second = try Store.repair(StoreLocation(home: home), options: .damaged)
            for finding in second.findings where finding.outcome != .left {
                fail("a second repair has something to do: \(finding)")
            }
        } catch {
            fail("a second repair: \(error.code): \(error)")
        }
        let after = Examination(
            home, state, mayRollBack: mayRollBack, isRepaired: true, isRotated: false)
        for fault in after.faults { fail("repaired, \(fault)") }
        let lost = before.readable.subtracting(after.readable)
        if !lost.isEmpty {
            let repairs = first.findings.map { "\($0.subject): \($0.problem) (\($0.outcome))" }
            fail("repaired, \(lost.sorted()) can't be read any more; the repair: \(repairs)")
        }
        if after.readable.count > before.readable.count { report.count("stores that read better") }
        let isLeft = first.findings.contains { $0.outcome == .left }
        if !isLeft, let findings = after.findings, !findings.isEmpty {
            fail("repaired, verify finds \(findings)")
        }
    }

    /// A repair that is killed somewhere.
    private mutating func killedRepair(_ home: String) throws {
        let runner = CommandRunner(besideTests: "Torture", workingDirectory: directory)
        let delay = random.below(30_000)
        let running = try runner.start(
            ["child", CatalogDamage.name, "repair", home, "\(delay)"], input: [])
        // Foundation can miss the end of a process that dies early, and would wait for ever.
        while running.isRunning, !Self.hasEnded(running.processID) {
            Thread.sleep(forTimeInterval: 0.001)
        }
        if try FileSystem.exists("\(home).done") {
            try FileSystem.remove(tree: "\(home).done")
        } else {
            report.count("repairs killed")
        }
    }

    /// Whether a process is gone, or waits to be looked after, with all of its threads: until the last has
    /// ended its locks are held.
    private static func hasEnded(_ processID: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        else { return true }
        let threads = try? FileManager.default.contentsOfDirectory(
            atPath: "/proc/\(processID)/task")
        let isZombie = text.split(separator: ")").last?.hasPrefix(" Z") ?? true
        return isZombie && (threads?.count ?? 0) <= 1
    }

    /// A repair that is refused has changed nothing.
    private mutating func expectUnchanged(_ home: String, _ error: StoreError) throws {
        let codes: Set<StoreError.Code> = [
            .damagedCatalog, .newerVersion, .vaultUnavailable, .wrongVault, .integrity,
        ]
        if !codes.contains(error.code) { fail("repair: \(error.code): \(error)") }
        for path in tree.files.map(\.path) where path.contains("catalog.db") {
            let expected = tree.files.first { $0.path == path }?.bytes
            let got = try? readFile("\(home)/\(path)")
            if got != expected { fail("a repair was refused, and \(path) changed: \(error)") }
        }
    }

    /// Every blob is where it was, or in lost+found.
    private mutating func expectNothingDeleted(_ home: String) {
        let kept = Set(
            ((try? FileTree(home))?.files ?? []).compactMap { $0.path.split(separator: "/").last })
        for path in tree.files.map(\.path) where path.contains("/blobs/") {
            if let name = path.split(separator: "/").last, !kept.contains(name) {
                fail("repaired, the blob \(name) is gone")
            }
        }
    }
}
