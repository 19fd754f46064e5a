import Dispatch
import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// What is kept in memory, and what becomes of it when access changes.
@Suite struct AuthorizationTests {
    let vaults: VaultDirectory
    let key: KeyIdentifier
    let wrapped: WrappedKey

    init() throws {
        vaults = try memoryVaults()
        key = try vaults.addKnownKey()
        // Before anybody's authorization is kept: the watcher asks again for those of an earlier epoch, and keeps them.
        try vaults.permit(.get, .wrapKey, .unwrapKey)
        wrapped = try vaults.wrap(secret, key)
    }

    private func unwrap(as identity: Identity) throws(VaultError) -> [UInt8] {
        try vaults.unwrap(wrapped.bytes, under: key, as: identity, deadline: .none).array()
    }

    /// What is kept of the key.
    private var kept: [Authorization] { vaults.authorizer.kept(key) }
    private var material: KeyMaterial? { kept.first?.material }

    @Test func `every change moves the epoch on by two and leaves it even`() throws {
        var before = vaults.epoch
        #expect(before.isMultiple(of: 2))
        let changes: [() throws -> UInt64] = [
            { try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k").epoch },
            { try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false)).epoch },
            { try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: true)).epoch },
            { try vaults.acting(as: .owner).deleteKey(key.versionless).epoch },
            { try vaults.acting(as: .owner).recoverKey(key.versionless).epoch },
            {
                try vaults.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
                    .epoch
            },
            { try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false).epoch },
            { try vaults.acting(as: .owner).deleteVault("default").epoch },
            { try vaults.acting(as: .owner).recoverVault("default").epoch },
        ]
        for change in changes {
            #expect(try change() == before + 2)
            before = vaults.epoch
        }
        _ = try vaults.addKnownKey()
        #expect(vaults.epoch == before + 2)
    }

    @Test func `the epoch is odd during a change, and moves on if it fails`() {
        let before = vaults.epoch
        var during: UInt64 = 0
        let code = refusal { () throws(VaultError) in
            try vaults.epochs.change(waiting: .none) { () throws(VaultError) in
                during = vaults.epoch
                throw VaultError(.io, "")
            }
        }
        #expect(code == .io)
        #expect(during == before + 1)
        #expect(vaults.epoch == before + 2)
    }

    @Test func `what may not be done moves no epoch`() {
        let before = vaults.epoch
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: someone).deleteKey(key) }
                == .accessDenied)
        #expect(vaults.epoch == before)
    }

    @Test func `a change behind the epoch's back is not seen, one that moves it is`() throws {
        _ = try unwrap(as: someone)
        try vaults.openVaults.vault(named: "default").write { tables throws(DatabaseError) in
            try tables.deletePolicy(of: someone)
        }
        #expect(try unwrap(as: someone) == secret)
        _ = try vaults.epochs.change(waiting: .none) { () throws(VaultError) in }
        #expect(refusal { () throws(VaultError) in try unwrap(as: someone) } == .accessDenied)
    }

    @Test func `during a change the vault is asked each time`() throws {
        _ = try unwrap(as: someone)
        let vault = try vaults.openVaults.vault(named: "default")
        _ = try vaults.epochs.change(waiting: .none) { () throws(VaultError) in
            for permissions in [[KeyOperation.unwrapKey], []] {
                try vault.write { tables throws(DatabaseError) in
                    try tables.set(permissions, for: someone)
                }
                let code = refusal { () throws(VaultError) in try unwrap(as: someone) }
                #expect(code == (permissions.isEmpty ? .accessDenied : nil))
            }
        }
    }

    @Test func `a grant is of the epoch before the vault was asked`() throws {
        let grant = try vaults.authorize(key, for: .unwrapKey, as: someone, deadline: .none)
        #expect(grant.epoch == vaults.epoch)
        let again = try vaults.authorize(key, for: .unwrapKey, as: someone, deadline: .none)
        #expect(again == grant)
        _ = try vaults.epochs.change(waiting: .none) { () throws(VaultError) in
            let during = try vaults.authorize(key, for: .unwrapKey, as: someone, deadline: .none)
            #expect(during.epoch == grant.epoch + 1)
        }
    }

    @Test func `keys that are still allowed stay loaded through a change`() throws {
        _ = try unwrap(as: someone)
        let material = try #require(self.material)
        _ = try vaults.acting(as: .owner).setIdentity(Identity(objectID: "other"), isEnabled: false)
        #expect(self.material === material)
        #expect(material.privateKey.isLoaded)
        #expect(kept.first { $0.identity == someone }?.epoch == vaults.epoch)
    }

    enum Revocation: CaseIterable {
        case policy, permission, identity, version, key, vault, operations
    }

    @Test(arguments: Revocation.allCases)
    func `keys that nobody may use are wiped though nobody asks for them`(
        revocation: Revocation
    ) throws {
        // The owner has used it, too, in init.
        vaults.authorizer.forgetAll()
        _ = try unwrap(as: someone)
        let material = try #require(self.material)
        #expect(material.privateKey.isLoaded)
        switch revocation {
        case .policy:
            _ = try vaults.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
        case .permission: try vaults.permit(.get, .wrapKey)
        case .identity: _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false)
        case .version:
            _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
        case .key: _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        case .vault: _ = try vaults.acting(as: .owner).deleteVault("default")
        case .operations:
            _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(operations: [.verify]))
        }
        #expect(!material.privateKey.isLoaded)
        #expect(kept.isEmpty == (revocation != .permission))
    }

    @Test func `another instance knows of a change as soon as it is made`() throws {
        let files = try TemporaryVaults()
        let (first, second) = (try files.open(), try files.open())
        _ = try first.acting(as: .owner).createVault(name: "default")
        let key = try first.addKnownKey()
        try first.permit(.unwrapKey, .wrapKey)
        for key in [key, key.versionless] {
            #expect(second.authorizeRefusal(key, .unwrapKey) == nil)
            _ = try first.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
            #expect(second.authorizeRefusal(key, .unwrapKey) == .accessDenied)
            try first.permit(.unwrapKey, .wrapKey)
        }
        #expect(second.authorizeRefusal(key, .unwrapKey) == nil)
        _ = try first.acting(as: .owner).rotateKey(vault: "default", name: "k")
        #expect(try second.wrap(secret, key.versionless, as: someone).key != key)
    }

    @Test func `one who is revoked takes nothing from the others`() throws {
        _ = try unwrap(as: someone)
        _ = try vaults.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
        #expect(material?.privateKey.isLoaded == true)
        #expect(try unwrap(as: .owner) == secret)
        #expect(refusal { () throws(VaultError) in try unwrap(as: someone) } == .accessDenied)
    }

    @Test func `threads that use a key while access changes are refused or right`() throws {
        let failures = Atomic(0)
        let isDone = Atomic(false)
        let group = DispatchGroup()
        for _ in 0..<3 {
            DispatchQueue.global().async(group: group) {
                while !isDone.load(ordering: .relaxed) {
                    do throws(VaultError) {
                        if try unwrap(as: someone) != secret {
                            failures.wrappingAdd(1, ordering: .relaxed)
                        }
                    } catch {
                        if error.code != .accessDenied {
                            failures.wrappingAdd(1, ordering: .relaxed)
                        }
                    }
                }
            }
        }
        for _ in 0..<50 {
            _ = try vaults.acting(as: .owner).deleteAccessPolicy(vault: "default", for: someone)
            #expect(vaults.authorizeRefusal(key, .unwrapKey) == .accessDenied)
            try vaults.permit(.unwrapKey)
        }
        isDone.store(true, ordering: .relaxed)
        group.wait()
        #expect(failures.load(ordering: .relaxed) == 0)
    }
}
