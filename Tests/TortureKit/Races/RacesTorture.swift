internal import Dispatch
internal import Foundation
internal import Sluice
internal import SluiceNative
internal import Synchronization
internal import TestSupport

/// Drives every part that threads share, in one process, for ThreadSanitizer to watch (`scripts/tsan`); without
/// it, sees that reads are whole and that only what may fail does.
///
/// Readers, writers, a sweep, a rotation and somebody who takes access away and gives it back use two handles of
/// one store: group commit, key caches and their watcher, pools, the barrier's memory, the operation log.
enum RacesTorture: Torture {
    static let name = "races"
    static let summary = "every part that threads share, for ThreadSanitizer to watch"
    static let counts = (suite: 1500, full: 200_000)

    private static let threadCount = 8
    private static let nameCount = 6
    /// What may come between: access is gone, the name is, or the key has just moved.
    private static let expected: Set<StoreError.Code> = [.accessDenied, .notFound, .cancelled]

    static func run(_ plan: TorturePlan) throws -> TortureReport {
        let home = StoreLocation(home: "\(plan.directoryPath)/races")
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = 2
        let stores = [
            try Store.open(home, options: options), try Store.open(home, options: options),
        ]
        defer { for store in stores { try? store.close() } }
        let vaults = stores[0].vaults
        _ = try vaults.acting(as: .owner).createVault(name: "races")
        let key = try vaults.acting(as: .owner).createKey(vault: "races", name: "key").key.kid
            .versionless
        _ = try vaults.acting(as: .owner).setAccessPolicy(vault: "races", for: stores[0].identity)
        let scope: ScopeName = "races"
        _ = try stores[0].createScope(scope, key: key)
        _ = try stores[0].updateScope(scope, rewrapMode: .onRead)
        let report = Mutex(TortureReport())
        let done = Atomic(0)
        let threads = try (0..<threadCount).map { index in
            try NativeThread.start {
                var mutator = Mutator(seeds: [[0]], seed: plan.seed &* 100 &+ UInt64(index))
                while done.wrappingAdd(1, ordering: .relaxed).oldValue < plan.count {
                    let store = stores[mutator.below(2)]
                    let step = index == 0 ? 10 + mutator.below(30) : mutator.below(10)
                    do {
                        try take(step, mutator.below(nameCount), mutator.below(256), store, scope)
                    } catch {
                        let code = (error as? StoreError)?.code
                        if code.map({ expected.contains($0) }) != true {
                            report.withLock {
                                $0.fail("seed \(plan.seed), step \(step) ended with \(error)")
                            }
                        }
                    }
                    report.withLock { $0.count("operations") }
                }
            }
        }
        for thread in threads { thread.join() }
        _ = try vaults.acting(as: .owner).setIdentity(stores[0].identity, isEnabled: true)
        let findings = try stores[0].verify(in: scope).findings
        if !findings.isEmpty { report.withLock { $0.fail("verify finds \(findings)") } }
        return report.withLock { $0 }
    }

    private struct Torn: Error {
        let what: String
    }

    /// One operation of a thread; those from 10 on are one thread's alone.
    private static func take(
        _ step: Int, _ index: Int, _ value: Int, _ store: Store, _ scope: ScopeName
    ) throws {
        let name = try ObjectName("dir/\(index)")
        // Every other name is of a file.
        let byteCount = index & 1 == 0 ? 3000 : 100_000
        switch step {
        case 0...2:
            let bytes = [UInt8](repeating: UInt8(value), count: byteCount)
            try store.put(bytes, as: name, in: scope)
        case 3...6:
            let bytes = try store.get(name, in: scope)
            guard bytes.count == byteCount, Set(bytes).count == 1 else {
                throw Torn(what: "\(name) is torn")
            }
        case 7: _ = try store.get(name, range: .from(100), in: scope)
        case 8: _ = try store.list(in: scope)
        case 9: try store.remove(name, in: scope)
        case 10...13: _ = try store.rewrap(in: scope)
        case 14, 15: _ = try store.vaults.acting(as: .owner).rotateKey(vault: "races", name: "key")
        case 16...20:
            _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: false)
            defer {
                _ = try? store.vaults.acting(as: .owner).setIdentity(
                    store.identity, isEnabled: true)
            }
            store.cancelAll()
        default: _ = try store.info(name, in: scope)
        }
    }
}
