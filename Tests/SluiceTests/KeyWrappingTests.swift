import Sluice
import SluiceFormat
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// Data keys that are sealed under an intermediate key of the scope and the version (FORMAT section 4).
@Suite(.timeLimit(.minutes(2))) struct KeyWrappingTests {
    /// A store whose keys are far away, and a count of the key operations that it asked for.
    private struct Far {
        let remote: RemoteKeyService
        let vaults: ActingVaults
        let store: Store
        let first: KeyIdentifier
        private let uses = Counter()

        init(_ wrapping: KeyWrapping) throws {
            let library = try CryptoLibrary.load(requireFIPS: false)
            remote = RemoteKeyService(
                try VaultDirectory.inMemory(library: library), leaseSeconds: 60, latencySeconds: 0)
            vaults = remote.service.acting(as: .owner)
            store = try Store.inMemory(keys: remote)
            _ = try vaults.createVault(name: "far")
            first = try vaults.createKey(vault: "far", name: "key").key.kid
            _ = try vaults.setAccessPolicy(vault: "far", for: store.identity)
            try store.createScope(.default, key: first.versionless, wrapping: wrapping)
            _ = try store.list()
            remote.onKeyUse.withLock { [uses] in $0 = { uses.add() } }
        }

        /// How many key operations `body` takes.
        func uses(_ body: () throws -> Void) rethrows -> Int {
            let before = uses.value
            try body()
            return uses.value - before
        }

        func rotate() throws -> KeyIdentifier {
            let newer = try vaults.rotateKey(vault: "far", name: "key").result.key.kid
            try store.registry.scope(named: .default).distrust()
            // Wraps the scope key, and tries it.
            _ = try store.list()
            return newer
        }
    }

    /// Too many bytes to share a data key.
    private let large = patternedBytes(90_000, seed: 1)

    /// Objects with data keys of their own.
    private func fill(_ store: Store, count: Int) throws {
        for index in 0..<count {
            let upload = try store.beginUpload(ObjectName("\(index)"))
            try upload.put(large, id: "1")
            try upload.commit(["1"])
        }
    }

    private func check(_ store: Store, count: Int) throws {
        for index in 0..<count { #expect(try store.get(ObjectName("\(index)")) == large) }
    }

    @Test func `many objects take one key operation, and a sweep one a version`() throws {
        let far = try Far(.intermediate)
        let uses = try far.uses { try fill(far.store, count: 20) }
        #expect(uses == 1)
        far.store.forgetObjectKeys()
        #expect(try far.uses { try check(far.store, count: 20) } == 1)
        let newer = try far.rotate()
        far.store.forgetObjectKeys()
        var report = RewrapReport()
        let swept = try far.uses { report = try far.store.rewrap() }
        #expect(swept == 2)
        #expect(report.objectCount == 20 && report.remainingObjectCount == 0)
        #expect(try far.store.scope(.default).census.map(\.key) == [newer])
        _ = try far.store.retireKeyVersion(far.first, waitingSeconds: 60, as: .owner)
        far.store.forgetObjectKeys()
        try check(far.store, count: 20)
        #expect(try far.store.verify().findings == [])
    }

    @Test func `a scope of single data keys takes an operation for each`() throws {
        let far = try Far(.direct)
        let uses = try far.uses { try fill(far.store, count: 20) }
        #expect(uses == 20)
    }

    @Test(arguments: [(KeyWrapping.direct, KeyWrapping.intermediate), (.intermediate, .direct)])
    func `a scope moves between the two by a sweep`(_ from: KeyWrapping, _ to: KeyWrapping) throws {
        let far = try Far(from)
        try fill(far.store, count: 8)
        try far.store.put([1, 2], as: "small")
        #expect(try far.store.updateScope(.default, wrapping: to).wrapping == to)
        #expect(try far.store.rewrap().objectCount == 9)
        #expect(try far.store.rewrap().objectCount == 0)
        let scope = try far.store.registry.scope(named: .default)
        let groups = try far.store.context.catalog.keysInUse(ofScope: scope.record.rowID)
        #expect(groups.map(\.group.scheme) == [to.scheme])
        #expect(groups.map(\.objectCount) == [9])
        far.store.forgetObjectKeys()
        try check(far.store, count: 8)
        #expect(try far.store.get("small") == [1, 2])
        #expect(try far.store.verify().findings == [])
    }

    @Test func `reads rewrap what is wrapped otherwise`() throws {
        let far = try Far(.direct)
        try fill(far.store, count: 3)
        try far.store.updateScope(.default, rewrapMode: .onRead, wrapping: .intermediate)
        try check(far.store, count: 3)
        far.store.readRewrapper.drain()
        #expect(try far.store.rewrap().objectCount == 0)
        far.store.forgetObjectKeys()
        try check(far.store, count: 3)
    }

    @Test func `another process takes up the intermediate key that is in use`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.updateScope(.default, wrapping: .intermediate)
        try store.put(large, as: "0")
        for _ in 0..<2 {
            let other = try home.open()
            defer { try? other.close() }
            try other.put(large, as: "1")
            try other.put(large, as: "2")
        }
        let rows = try wrappedKeys(store)
        #expect(Set(rows.compactMap { SealedDataKey($0.wrapped.bytes)?.wrapped }).count == 1)
        #expect(Set(rows.compactMap { SealedDataKey($0.wrapped.bytes)?.salt }).count == rows.count)
        let newer = try customer.rotate()
        try store.rewrap()
        #expect(try customer.census.keys.elementsEqual([newer]))
        try check(store, count: 1)
    }

    private func wrappedKeys(_ store: Store) throws -> [WrappedKeyRow] {
        let record = try store.registry.scope(named: .default).record
        return try store.context.catalog.wrappedKeys(
            scope: record.rowID, in: record.keyGroup, afterRow: .min, limit: 100)
    }

    @Test(arguments: RevocationKind.allCases)
    func `a revocation ends reads and puts`(_ kind: RevocationKind) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.updateScope(.default, wrapping: .intermediate)
        try store.put(large, as: "0")
        #expect(try store.get("0") == large)
        try kind.revoke(customer)
        #expect(failure { try store.get("0") } == kind.code)
        #expect(failure { try store.put(large, as: "1") } == kind.code)
        #expect(eventually { store.cache.sources.isEmpty })
    }

    // MARK: Somebody who writes to the disk

    private func tampered(_ change: String) throws -> (TestHome, Store) {
        let home = try TestHome()
        try home.withStore { store in
            _ = try Customer(store)
            try store.updateScope(.default, wrapping: .intermediate)
            try store.put(large, as: "0")
            try store.put(large.reversed(), as: "1")
        }
        try home.sql(change)
        return (home, try home.open())
    }

    @Test(arguments: [
        // A bit of the salt, of the sealed key, of its tag, of the intermediate key.
        0, 32, 79, 80, 335,
    ])
    func `an altered bit is refused`(_ place: Int) throws {
        let (home, store) = try tampered("SELECT 1")
        defer { try? store.close() }
        let row = try #require(try wrappedKeys(store).first)
        var bytes = row.wrapped.bytes
        bytes[place] ^= 1
        try home.sql(
            "UPDATE wrapped_keys SET wrapped = x'\(String(hexadecimal: bytes))' WHERE id = \(row.rowID)"
        )
        #expect(failure { try store.get("0") } == .integrity)
        #expect(try store.get("1") == large.reversed())
        // Whoever puts next makes an intermediate key that works.
        let other = try home.open()
        defer { try? other.close() }
        try other.put(large, as: "2")
        #expect(try other.get("2") == large)
    }

    @Test(arguments: [
        "wrapped = (SELECT wrapped FROM wrapped_keys ORDER BY id DESC)", "scheme = 1", "scheme = 3",
        "wrapped = substr(wrapped, 1, 80)", "wrapped = substr(wrapped, 1, 79)", "wrapped = x''",
        "wrapped = substr(wrapped, 81)",
    ])
    func `another's key, scheme or length is refused`(_ change: String) throws {
        let (home, store) = try tampered(
            "UPDATE wrapped_keys SET \(change) WHERE id = (SELECT min(id) FROM wrapped_keys)")
        defer { try? store.close() }
        let code = failure { try store.get("0") }
        #expect(code == .integrity || code == .damagedCatalog)
        #expect(try store.get("1") == large.reversed())
        withExtendedLifetime(home) {}
    }

    @Test func `an intermediate key that somebody planted is not taken up`() throws {
        let home = try TestHome()
        try home.withStore { store in
            _ = try Customer(store)
            try store.updateScope(.default, wrapping: .intermediate)
            try store.put(large, as: "0")
        }
        let store = try home.open()
        defer { try? store.close() }
        let scope = try store.registry.scope(named: .default)
        // Anybody can wrap a key that he knows: it takes the public key alone.
        let planted = try store.context.library.freshKey()
        let wrapped = try store.context.access.wrap(
            planted, under: scope.currentKey, as: scope.identity)
        let random = try store.context.library.randomBytes(byteCount: 80)
        try home.sql(
            """
            INSERT INTO wrapped_keys (id, scope, key, objects, bytes, scheme, wrapped)
            SELECT -1, scope, key, 0, 0, 2, x'\(String(hexadecimal: random + wrapped.bytes))'
            FROM wrapped_keys LIMIT 1
            """)
        try store.put(large, as: "1")
        let used = try wrappedKeys(store).filter { $0.rowID > 0 }
            .compactMap { SealedDataKey($0.wrapped.bytes)?.wrapped }
        #expect(!used.contains(wrapped.bytes))
        #expect(try store.get("1") == large)
    }
}

/// Counts, from any thread.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func add() { count.add(1, ordering: .relaxed) }

    var value: Int { count.load(ordering: .relaxed) }
}
