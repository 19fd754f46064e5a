internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import Synchronization
internal import TestSupport

/// A process that does a random mix until it is killed, or kills itself at a named point.
struct KilledProcess {
    let home: KillHome
    let seed: UInt64
    /// Numbers of operations and contents begin here: nobody else has them.
    let firstNumber: Int
    /// Where it dies, and the how manyth time; nil if its parent kills it.
    let point: (name: String, count: Int)?

    /// No version is retired here: the backups need them all.
    static let points =
        ["entered", "done"] + StoreMoment.allCases.filter { $0 != .asked }.map(\.rawValue)

    /// Every thread has numbers of its own.
    private static let numbersOfThread = 100_000
    private static let operationCount = 800

    func run() throws {
        let journal = try Journal(path: home.journalPath)
        let store = try home.open(seams())
        let threads = try (0..<KillHome.ownPairCount).map { thread in
            let random = Randomness(seed: seed &+ UInt64(thread + 1))
            let first = firstNumber + (thread + 1) * Self.numbersOfThread
            return try NativeThread.start {
                attempt(journal) { try useObjects(store, journal, thread, first, random) }
            }
        }
        attempt(journal) { try useKeys(store, journal) }
        for thread in threads { thread.join() }
        try store.close()
    }

    /// What no operation may come to is the torture's failure.
    private func attempt(_ journal: Journal, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            journal.append("F \(error)")
            exit(2)
        }
    }

    private func seams() -> StoreSeams {
        guard let point else { return StoreSeams() }
        let count = Counter()
        let reach: @Sendable (String) -> Void = { name in
            guard name == point.name else { return }
            guard count.value.wrappingAdd(1, ordering: .relaxed).newValue == point.count else {
                return
            }
            while true { _ = kill(getpid(), SIGKILL) }
        }
        var seams = StoreSeams()
        seams.onRelease = { reach($0 == .entered ? "entered" : "done") }
        seams.onMoment = { reach($0.rawValue) }
        return seams
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    // MARK: Objects

    /// Uses a pair of names that nobody else uses, and those that all use.
    private func useObjects(
        _ store: Store, _ journal: Journal, _ thread: Int, _ first: Int, _ random: Randomness
    ) throws {
        var random = random
        var lastTags: [Int: String] = [:]
        for index in 0..<Self.operationCount {
            let isShared = random.below(5) < 2
            let pair =
                isShared ? KillHome.ownPairCount + random.below(KillHome.sharedPairCount) : thread
            // Of a copy between names that others use nobody knows what it read, if it dies.
            let operation = ObjectOperation.random(
                &random, pair: pair, content: first + index, lastTag: lastTags[pair],
                copies: !isShared)
            journal.append("B \(first + index) \(operation.text)")
            let outcome = try operation.run(store, prefix: KillHome.prefix)
            journal.append("E \(first + index) \(outcome.text)")
            if let tag = outcome.tag { lastTags[pair] = tag }
            if outcome.result == .denied { NativeThread.sleep(nanoseconds: 500_000) }
        }
    }

    // MARK: Keys

    private func useKeys(_ store: Store, _ journal: Journal) throws {
        var random = Randomness(seed: seed)
        var number = firstNumber
        var pins = Set<PinID>()
        // What was revoked when the last process died is given back.
        try act(.restore, "-", number, journal) {
            try home.restore(store)
            return "-"
        }
        if let known = try? store.pins() { pins = Set(known.map(\.id)) }
        var snapshots: [String: ObjectName] = [:]
        if let known = try? home.snapshots(store) {
            snapshots = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0.name) })
        }
        for index in 0..<Self.operationCount {
            number += 1
            let action =
                index < 2 ? firstActions[index] : KeyAction.allCases.randomElement(using: &random)
            switch action ?? .mode {
            case .rotate:
                guard index < 2 || random.once(in: 3) else { continue }
                try act(.rotate, "-", number, journal) {
                    _ = try store.vaults.acting(as: .owner).rotateKey(
                        vault: KillHome.vault, name: "key")
                    return "-"
                }
            case .rewrap:
                var options = RewrapOptions()
                options.keysPerSecond = random.once(in: 2) ? 200 : nil
                try act(.rewrap, "-", number, journal) {
                    "\(try store.rewrap(options).objectCount)"
                }
            case .mode:
                let mode = random.once(in: 2) ? RewrapMode.onRead : .onRewrite
                try act(.mode, mode.rawValue, number, journal) {
                    _ = try store.updateScope(.default, rewrapMode: mode)
                    return "-"
                }
            case .pin:
                let name = try ObjectName("\(KillHome.prefix)\(random.below(6))/a")
                try act(.pin, "\(name)", number, journal) {
                    let pin = try store.pin(name)
                    pins.insert(pin.id)
                    return try "\(pin.id) \(ObjectOutcome(pin.object).content ?? 0)"
                }
            case .unpin:
                guard pins.count > 4, let id = pins.popFirst() else { continue }
                try act(.unpin, id.description, number, journal) {
                    try store.unpin(id)
                    return "-"
                }
            case .snapshot:
                let pair = random.below(6)
                let name = try ObjectName("\(KillHome.prefix)\(pair)/a")
                try act(.snapshot, "\(name)", number, journal) {
                    let made = try store.snapshot(name)
                    let id = "\(pair)/\(made.name.version.map { "\($0.id)" } ?? "")"
                    snapshots[id] = made.name
                    return try "\(id) \(ObjectOutcome(made).content ?? 0)"
                }
            case .unsnapshot:
                guard snapshots.count > 4, let (id, name) = snapshots.popFirst() else { continue }
                try act(.unsnapshot, id, number, journal) {
                    try store.remove(name)
                    return "-"
                }
            case .backup:
                try act(.backup, "\(home.path).backup-\(number)", number, journal) {
                    try store.backup(to: "\(home.path).backup-\(number)")
                    return "-"
                }
            case .revoke, .restore: try revoke(store, journal, &number, &random)
            }
            NativeThread.sleep(nanoseconds: random.below(3_000_000))
        }
    }

    /// What the thread begins with, so that the point at which it shall die is reached.
    private var firstActions: [KeyAction] {
        switch point?.name {
        case "catalogCopied": [.mode, .backup]
        case "registered", "pageRead", "unwrapped", "wrapped", "submitted", "counted", "swept":
            [.rotate, .rewrap]
        default: [.mode, .pin]
        }
    }

    private func revoke(
        _ store: Store, _ journal: Journal, _ number: inout Int, _ random: inout Randomness
    ) throws {
        let revocation = Revocation.allCases.randomElement(using: &random) ?? .policy
        try act(.revoke, revocation.rawValue, number, journal) {
            try home.revoke(revocation, store) ? "confirmed" : "unconfirmed"
        }
        NativeThread.sleep(nanoseconds: random.below(20_000_000))
        number += 1
        try act(.restore, "-", number, journal) {
            try home.restore(store)
            return "-"
        }
    }

    /// Does something between two lines of the journal; what is refused has done nothing.
    private func act(
        _ action: KeyAction, _ what: String, _ number: Int, _ journal: Journal,
        _ body: () throws -> String
    ) throws {
        journal.append("KB \(number) \(action.rawValue) \(what)")
        do {
            let result = try body()
            journal.append("KE \(number) done \(result)")
        } catch let error as StoreError {
            guard error.code == .accessDenied || error.code == .notFound else { throw error }
            journal.append("KE \(number) refused \(error.code)")
        }
    }
}
