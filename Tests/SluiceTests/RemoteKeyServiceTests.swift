import Sluice
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// The engine with a key service that is far away: all of it works, and a revocation ends reads within the lease.
@Suite(.timeLimit(.minutes(2))) struct RemoteKeyServiceTests {
    private static let leaseSeconds = 1.0

    private let remote: RemoteKeyService
    private let vaults: ActingVaults
    private let store: Store
    private let first: KeyIdentifier

    init() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let remote = RemoteKeyService(
            try VaultDirectory.inMemory(library: library), leaseSeconds: Self.leaseSeconds)
        self.remote = remote
        vaults = remote.service.acting(as: .owner)
        store = try Store.inMemory(keys: remote)
        _ = try vaults.createVault(name: "far")
        first = try vaults.createKey(vault: "far", name: "key").key.kid
        _ = try vaults.setAccessPolicy(vault: "far", for: store.identity)
        try store.createScope(.default, key: first.versionless)
    }

    @Test func `objects are put, got, rewrapped, pinned, and their old key version retired`() throws
    {
        try store.put([1, 2, 3], as: "o")
        let large = patternedBytes(400_000)
        try store.put(large, as: "large")
        let pin = try store.pin("o")
        #expect(try store.get("o") == [1, 2, 3])
        #expect(try store.get("large") == large)
        _ = try vaults.rotateKey(vault: "far", name: "key")
        NativeThread.sleep(nanoseconds: Int(Self.leaseSeconds * 1e9))
        try store.rewrap()
        #expect(try store.scope(.default).currentKey != first)
        _ = try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner)
        #expect(try store.get("large") == large)
        #expect(try store.get(pinned: pin.id) == [1, 2, 3])
        #expect(try store.verify().findings == [])
    }

    @Test func `what is revoked is read for the lease's time at most, and then by nobody`() throws {
        try store.put([1], as: "o")
        #expect(try store.get("o") == [1])
        _ = try vaults.deleteAccessPolicy(vault: "far", for: store.identity)
        let revoked = MonotonicClock.nowNanoseconds
        var last = revoked
        while (try? store.get("o")) != nil { last = MonotonicClock.nowNanoseconds }
        #expect(Double(last - revoked) < (Self.leaseSeconds + 0.25) * 1e9)
        #expect(failure { try store.get("o") } == .accessDenied)
        #expect(failure { try store.list() } == .accessDenied)
        #expect(failure { try store.put([2], as: "p") } == .accessDenied)
        _ = try vaults.setAccessPolicy(vault: "far", for: store.identity)
        #expect(try store.get("o") == [1])
    }

    @Test func `while nobody answers reads go on for the lease's time, and begin again afterwards`()
        throws
    {
        try store.put([1], as: "o")
        #expect(try store.get("o") == [1])
        remote.outage.withLock { $0 = .deadlineExceeded }
        let begun = MonotonicClock.nowNanoseconds
        var last = begun
        while (try? store.get("o")) != nil { last = MonotonicClock.nowNanoseconds }
        #expect(Double(last - begun) < (Self.leaseSeconds + 0.25) * 1e9)
        #expect(failure { try store.get("o") } == .vaultUnavailable)
        remote.outage.withLock { $0 = nil }
        #expect(try store.get("o") == [1])
    }

    @Test func `hot reads ask the service once in a term`() throws {
        try store.put([1], as: "o")
        _ = try store.get("o")
        let before = remote.callCount.load(ordering: .relaxed)
        for _ in 0..<2000 { _ = try store.get("o") }
        #expect(remote.callCount.load(ordering: .relaxed) - before < 100)
    }

    // MARK: Transactions

    /// A store in files, and a look at whether its write lock is held while a key is used.
    @Test func `no key is used while the store's write lock is held`() throws {
        let home = try TestHome()
        let remote = RemoteKeyService(
            try VaultDirectory.inMemory(library: CryptoLibrary.load(requireFIPS: false)),
            leaseSeconds: Self.leaseSeconds, latencySeconds: 0)
        let vaults = remote.service.acting(as: .owner)
        let (store, other) = (try Self.open(home, remote), try Self.open(home, remote))
        defer { for store in [store, other] { try? store.close() } }
        _ = try vaults.createVault(name: "far")
        let key = try vaults.createKey(vault: "far", name: "key").key.kid.versionless
        _ = try vaults.setAccessPolicy(vault: "far", for: store.identity)
        let file = try Directory.open(home.store).openOrCreateFile(StoreLayout.lock)
        let lock = StoreLock(file: file, refusing: nil)
        let (useCount, heldCount) = (Box(0), Box(0))
        remote.onKeyUse.withLock {
            $0 = {
                useCount.update { $0 += 1 }
                guard (try? lock.tryLockWrites()) == true else {
                    heldCount.update { $0 += 1 }
                    return
                }
                lock.unlockWrites()
            }
        }
        try store.createScope(.default, key: key)
        try store.updateScope(.default, pollInterval: .seconds(86_400))
        for store in [store, other] { try store.put([1], as: "d/small") }
        for round in 0..<2 {
            // A small object's data key serves many: let go of, so that each put wraps one.
            for store in [store, other] {
                try store.registry.scope(named: .default).sharedDataKey.forget()
            }
            try store.put([2], as: ObjectName("d\(round)/e/small"))
            try store.put(patternedBytes(200_000), as: ObjectName("d\(round)/f/large"))
            _ = try store.copy(ObjectName("d\(round)/e/small"), to: ObjectName("g\(round)/copy"))
            _ = try store.rename("d/small", to: ObjectName("h\(round)/small"))
            _ = try store.pin(ObjectName("h\(round)/small"))
            _ = try store.update(ObjectName("h\(round)/small")) { $0.metadata["a"] = "b" }
            _ = try store.rename(ObjectName("h\(round)/small"), to: "d/small")
            _ = try vaults.rotateKey(vault: "far", name: "key")
            // The store doesn't know it, and finds the scope's row moved in its next transaction.
            try other.updateScope(.default, key: key)
            try store.put([3], as: ObjectName("i\(round)/small"))
            try store.rewrap()
        }
        #expect(useCount.value > 10)
        #expect(heldCount.value == 0)
        // And it would be seen.
        try store.sqliteCatalog.write { _ in remote.onKeyUse.withLock({ $0 })?() }
        #expect(heldCount.value == 1)
        #expect(try store.verify().findings == [])
    }

    private static func open(_ home: TestHome, _ remote: RemoteKeyService) throws -> Store {
        var options = StoreOptions.fast()
        options.createIfMissing = true
        return try Store.open(home.store, options: options) { _ in remote }
    }
}
