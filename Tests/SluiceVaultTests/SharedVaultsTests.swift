import Dispatch
import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// Several instances on one path, as several processes would have: they share nothing but the files.
@Suite struct SharedVaultsTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    /// Runs `body` with an instance of its own on each of some threads, all at once.
    private func race<Result: Sendable>(
        _ threadCount: Int, _ body: @escaping @Sendable (Int, VaultDirectory) throws -> Result
    ) throws -> [Result] {
        let outcomes = Mutex<[Swift.Result<Result, any Error>]>([])
        let instances = try (0..<threadCount).map { _ in try vaults.open() }
        let group = DispatchGroup()
        let start = DispatchSemaphore(value: 0)
        for (index, instance) in instances.enumerated() {
            DispatchQueue.global().async(group: group) {
                start.wait()
                let outcome = Swift.Result { try body(index, instance) }
                outcomes.withLock { $0.append(outcome) }
            }
        }
        for _ in instances { start.signal() }
        group.wait()
        return try outcomes.withLock { try $0.map { try $0.get() } }
    }

    @Test func `one instance sees what the other does`() throws {
        let (first, second) = (try vaults.open(), try vaults.open())
        _ = try first.acting(as: .owner).createVault(name: "default")
        #expect(
            refusal { () throws(VaultError) in
                try second.acting(as: .owner).createVault(name: "default")
            }
                == .alreadyExists)
        let old = try second.addKnownKey()
        let wrapped = try first.wrap(secret, old.versionless)
        #expect(wrapped.key == old)
        #expect(try second.unwrap(wrapped) == secret)
        let new = try first.addKnownKey()
        #expect(try second.wrap(secret, old.versionless).key == new)
        #expect(try second.unwrap(wrapped) == secret)
    }

    @Test func `of instances that race for the platform's key one makes it`() throws {
        let wrapped = try race(6) { _, instance in
            try instance.wrap(secret, instance.platformKey())
        }
        #expect(Set(wrapped.map(\.key)).count == 1)
        let other = try vaults.open()
        #expect(
            try other.acting(as: .owner).keyVersions(vault: "platform", name: "platform").count == 1
        )
        for wrapped in wrapped { #expect(try other.unwrap(wrapped) == secret) }
    }

    @Test func `of instances that race for a vault one makes it`() throws {
        let codes = try race(6) { _, instance in
            refusal { () throws(VaultError) in
                try instance.acting(as: .owner).createVault(name: "default")
            }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.filter { $0 == .alreadyExists }.count == 5)
    }

    @Test func `instances that race for keys lose none`() throws {
        _ = try vaults.open().acting(as: .owner).createVault(name: "default")
        let keys = try race(6) { index, instance in
            try instance.addKnownKey("k\(index % 2)")
        }
        let other = try vaults.open()
        for name in ["k0", "k1"] {
            let versions = try other.acting(as: .owner).keyVersions(vault: "default", name: name)
                .map(\.kid)
            #expect(Set(versions) == Set(keys.filter { $0.name == name }))
            #expect(versions.count == 3)
        }
    }

    @Test func `many threads share an instance`() throws {
        let instance = try vaults.open()
        _ = try instance.acting(as: .owner).createVault(name: "default")
        let keys = try (0..<2).map { _ in
            try instance.acting(as: .owner).createKey(vault: "default", name: "k").key.kid
        }
        instance.close()
        let shared = try vaults.open()
        let failures = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let wrapped = try? shared.wrap(secret, keys[index % 2])
            if wrapped.flatMap({ try? shared.unwrap($0) }) != secret {
                failures.wrappingAdd(1, ordering: .relaxed)
            }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test func `a change waits for whoever holds the vault's lock, until the deadline`() throws {
        let instance = try vaults.open()
        _ = try instance.acting(as: .owner).createVault(name: "default")
        let holder = try File.open("\(vaults.path)/default/lock", .readWrite)
        try holder.lock(offset: 0, byteCount: 1, exclusive: true)
        let vault = try instance.openVaults.vault(named: "default")
        let change = { (deadline: Deadline) in
            refusal { () throws(VaultError) in
                try vault.write(deadline: deadline) { tables throws(DatabaseError) in
                    try tables.insert(
                        AnchorRow(store: [1], scope: [2], commitment: [], authentication: []))
                }
            }
        }
        #expect(change(.seconds(0.05)) == .deadlineExceeded)
        // Reading needs no lock.
        #expect(try instance.acting(as: .owner).keys(vault: "default").isEmpty)
        try holder.unlock(offset: 0, byteCount: 1)
        #expect(change(.seconds(10)) == nil)
    }
}
