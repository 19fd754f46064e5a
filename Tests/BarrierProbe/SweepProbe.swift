internal import Sluice
internal import Synchronization

/// Rewraps everything in a store's default scope, and is killed, or kills itself in a COMMIT.
struct SweepProbe {
    let home: String
    /// At which moment of a COMMIT it dies: `entered`, `done`, or never.
    let moment: String
    /// In which COMMIT, from 1.
    let count: Int

    func run() throws {
        let (wanted, isEntered, isToDie) = (count, moment == "entered", !moment.isEmpty)
        let counters = Counters()
        var options = StoreOptions()
        options.createIfMissing = false
        options.seams.onRelease = { release in
            guard isToDie, counters.isSweeping.load(ordering: .relaxed) else { return }
            guard (release == .entered) == isEntered else { return }
            if counters.seen.wrappingAdd(1, ordering: .relaxed).newValue == wanted { die() }
        }
        let store = try Store.open(StoreLocation(home: home), options: options)
        counters.isSweeping.store(true, ordering: .relaxed)
        var sweep = RewrapOptions()
        // Small pages: there are several COMMITs even in a small store.
        sweep.keysPerSecond = 40
        try store.rewrap(sweep)
        try store.close()
    }

    private final class Counters: Sendable {
        let seen = Atomic<Int>(0)
        let isSweeping = Atomic<Bool>(false)
    }
}
