import Sluice
import Synchronization
import Testing

/// Vaults as tasks use them: nothing of the library but itself is imported.
@Suite struct AsyncVaultTests {
    @Test func `a task does all that vaults have, and blocks nothing`() async throws {
        let store = try Store.inMemory()
        let vaults = store.vaults.acting(as: .owner)
        let vault = try await vaults.create("mine")
        let key = try await vault.createKey("master")
        try await vault.permit(store.identity)
        try await store.createScope("private", key: key.versionless)
        try await store.put("hello", as: "greeting", in: "private")

        let newer = try await vault.key("master").rotate()
        #expect(newer.id != key.id)
        #expect(try await vaults.keyVersions(vault: "mine", name: "master").count == 2)
        #expect(try await vaults.keys(vault: "mine").count == 1)

        try await key.disable()
        let refused = await #expect(throws: StoreError.self) {
            try await store.get("greeting", in: "private")
        }
        #expect((refused?.cause as? VaultError)?.code == .keyDisabled)
        try await key.enable()
        #expect(try await store.get("greeting", in: "private").text == "hello")

        #expect(try await vault.revoke(store.identity).isConfirmed)
        await #expect(throws: StoreError.self) { try await store.get("greeting", in: "private") }
        _ = try await vaults.setAccessPolicy(vault: "mine", for: store.identity)
        #expect(try await store.get("greeting", in: "private").text == "hello")
        _ = try await vaults.setIdentity(store.identity, isEnabled: false)
        await #expect(throws: StoreError.self) { try await store.get("greeting", in: "private") }
        _ = try await vaults.setIdentity(store.identity, isEnabled: true)

        let records = try await vaults.operations(vault: "mine").records
        #expect(records.contains { $0.operation == "rotate" })
        let policy = try await vaults.rotationPolicy(vault: "mine", name: "master")
        _ = try await vaults.setRotationPolicy(policy, vault: "mine", name: "master")
        _ = try await vaults.deleteKey(KeyIdentifier(vault: "mine", name: "master"))
        #expect(try await vaults.deletedKeys(vault: "mine").count == 1)
        _ = try await vaults.recoverKey(KeyIdentifier(vault: "mine", name: "master"))
        let backup = try await vault.backup()
        _ = try await vaults.deleteVault("mine")
        let there = await #expect(throws: VaultError.self) {
            try await vaults.restore(from: backup)
        }
        #expect(there?.code == .vaultDeleted)
        #expect(try await vaults.deletedVaults().map(\.name) == ["mine"])
        _ = try await vaults.recoverVault("mine")
        #expect(try await vaults.open("mine").name == "mine")
        #expect(try await store.get("greeting", in: "private").text == "hello")
    }

    @Test func `nothing is done on the thread of a task`() async throws {
        let clock = WatchfulClock()
        var options = StoreOptions()
        options.clock = clock
        let store = try Store.inMemory(options: options)
        let vaults = store.vaults.acting(as: .owner)
        try await WatchfulClock.$isInTask.withValue(true) {
            let vault = try await vaults.create("mine")
            let key = try await vault.createKey("master")
            try await vault.permit(store.identity)
            _ = try await key.rotate()
            try await key.disable()
            _ = try await vaults.keys(vault: "mine")
            try await vault.revoke(store.identity)
            _ = try await vaults.operations(vault: "mine")
        }
        #expect(clock.count(inTask: false) >= 7)
        #expect(clock.count(inTask: true) == 0)
    }

    @Test func `a task that is cancelled before changes nothing`() async throws {
        let store = try Store.inMemory()
        let vaults = store.vaults.acting(as: .owner)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await vaults.create("mine").name
        }
        task.cancel()
        let error = await #expect(throws: VaultError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await !vaults.vaults().contains { $0.name == "mine" })
    }
}

/// Counts who asks it, within a task that has set the value and outside.
private final class WatchfulClock: VaultClock {
    @TaskLocal static var isInTask = false

    private let counts = Mutex([false: 0, true: 0])
    private let clock = SystemClock()

    func nowMilliseconds() -> Int {
        counts.withLock { $0[Self.isInTask, default: 0] += 1 }
        return clock.nowMilliseconds()
    }

    func count(inTask: Bool) -> Int { counts.withLock { $0[inTask] ?? 0 } }
}
