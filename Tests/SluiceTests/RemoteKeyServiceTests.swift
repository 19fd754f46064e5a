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
}
