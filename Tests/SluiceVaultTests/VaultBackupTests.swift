import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct VaultBackupTests {
    let vaults: TemporaryVaults

    init() throws { vaults = try TemporaryVaults() }

    private let store = Identity(objectID: "22222222-3333-4444-5555-666666666666")

    /// Makes a vault with keys, one of them deleted, a policy and a store that has registered a scope.
    private func prepare(_ directory: VaultDirectory) throws -> WrappedKey {
        let owner = directory.acting(as: .owner)
        _ = try owner.createVault(name: "default", retentionDays: 30, isPurgeProtected: false)
        let key = try directory.addKnownKey(settings: KeySettings(expiresSeconds: 4_000_000_000))
        _ = try owner.setRotationPolicy(
            RotationPolicy(rotateAfterCreate: .days(90), expiryTime: .days(400)),
            vault: "default", name: "k")
        _ = try owner.deleteKey(try directory.addKnownKey("gone").versionless)
        try directory.permit(.get, .wrapKey, .unwrapKey)
        try directory.registerScope(of: store, under: key)
        return try directory.wrap(secret, key)
    }

    private func lose(_ name: String) throws {
        try FileSystem.remove(tree: "\(vaults.path)/\(name)")
    }

    @Test func `a vault that was lost comes back as it was`() throws {
        let first = try vaults.open()
        let wrapped = try prepare(first)
        let owner = first.acting(as: .owner)
        let shown = try owner.vault("default")
        let policy = try owner.rotationPolicy(vault: "default", name: "k")
        let deleted = try owner.deletedKeys(vault: "default")
        let backup = try owner.backupVault("default")
        first.close()
        try lose("default")

        let directory = try vaults.open()
        let restored = try directory.acting(as: .owner).restoreVault(from: backup)
        #expect(restored.result == shown)
        let again = directory.acting(as: .owner)
        #expect(try again.vault("default") == shown)
        #expect(try again.rotationPolicy(vault: "default", name: "k") == policy)
        #expect(try again.deletedKeys(vault: "default") == deleted)
        #expect(try directory.unwrap(wrapped) == secret)
        #expect(directory.authorizeRefusal(wrapped.key, .unwrapKey) == nil)
        #expect(directory.authorizeRefusal(wrapped.key, .delete) == .accessDenied)
        _ = try again.recoverKey(try KeyIdentifier(vault: "default", name: "gone"))
        let records = try again.operations(vault: "default").records
        #expect(records.contains { $0.operation == "restoreVault" && $0.outcome == "ok" })
        #expect(
            records.filter { $0.operation == "restoreEnabled" }.map(\.key) == [wrapped.key])
    }

    @Test func `a store's scope is vouched for again, and one made since is not`() throws {
        let first = try vaults.open()
        let wrapped = try prepare(first)
        let backup = try first.acting(as: .owner).backupVault("default")
        let id = try #require(store.storeID)
        try first.registerAnchor(
            Array(repeating: 8, count: 32), store: id, scope: Array(16..<32), under: wrapped.key)
        first.close()
        try lose("default")
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).restoreVault(from: backup)
        let anchor = try directory.anchor(store: id, scope: Array(0..<16), under: wrapped.key)
        #expect(anchor == Array(repeating: 7, count: 32))
        #expect(
            try directory.anchor(store: id, scope: Array(16..<32), under: wrapped.key) == nil)
        #expect(try directory.registeredStores(vault: "default").map(\.storeID) == [id])
    }

    @Test func `the key file alone is needed where everything else was lost`() throws {
        let first = try vaults.open()
        let wrapped = try prepare(first)
        let backup = try first.acting(as: .owner).backupVault("default")
        let platform = try first.acting(as: .owner).backupVault("platform")
        first.close()
        let key = try vaults.bytes(ofFile: "\(vaults.path)/root.key")
        try FileSystem.remove(tree: vaults.path)
        let directory = try vaults.open()
        let owner = directory.acting(as: .owner)
        // Nothing is made while the key file is missing.
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: backup) }
                == .rootKeyMissing)
        #expect(try !FileSystem.exists("\(vaults.path)/root.key"))
        try FileSystem.makeDirectories(vaults.path)
        try File.createExclusively("\(vaults.path)/root.key").write(key.span)
        _ = try owner.restoreVault(from: platform)
        _ = try owner.restoreVault(from: backup)
        #expect(try directory.unwrap(wrapped) == secret)
        #expect(directory.authorizeRefusal(wrapped.key, .unwrapKey) == nil)
    }

    @Test func `who was switched off when the backup was made is off again`() throws {
        let first = try vaults.open()
        _ = try prepare(first)
        let owner = first.acting(as: .owner)
        _ = try owner.setIdentity(someone, isEnabled: false)
        let backup = try owner.backupVault("platform")
        first.close()
        try lose("platform")
        let directory = try vaults.open()
        #expect(refusal { () throws(VaultError) in try directory.isEnabled(someone) } == .damaged)
        _ = try directory.acting(as: .owner).restoreVault(from: backup)
        #expect(try !directory.isEnabled(someone))
    }

    @Test func `a name that is taken is refused`() throws {
        let directory = try vaults.open()
        _ = try prepare(directory)
        let owner = directory.acting(as: .owner)
        let backup = try owner.backupVault("default")
        let epoch = directory.epoch
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: backup) }
                == .alreadyExists)
        #expect(directory.epoch == epoch)
        _ = try owner.deleteVault("default")
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: backup) }
                == .vaultDeleted)
        #expect(
            refusal { () throws(VaultError) in try owner.backupVault("default") } == .vaultDeleted)
        _ = try owner.purgeVault("default")
        _ = try owner.restoreVault(from: backup)
        #expect(directory.epoch > epoch)
        #expect(try owner.vaults().map(\.name) == ["default", "platform"])
    }

    @Test func `it is the owner's affair`() throws {
        let directory = try vaults.open()
        _ = try prepare(directory)
        try directory.permit(.backup, .restore)
        let acting = directory.acting(as: someone)
        #expect(
            refusal { () throws(VaultError) in try acting.backupVault("default") }
                == .accessDenied)
        let backup = try directory.acting(as: .owner).backupVault("default")
        #expect(
            refusal { () throws(VaultError) in try acting.restoreVault(from: backup) }
                == .accessDenied)
    }

    @Test func `another root key, a changed byte and a key's backup are refused`() throws {
        let directory = try vaults.open()
        _ = try prepare(directory)
        let owner = directory.acting(as: .owner)
        var backup = try owner.backupVault("default")
        let ofKey = try owner.backupKey(vault: "default", name: "k")
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: ofKey) }
                == .invalidArgument)
        let elsewhere = try memoryVaults().acting(as: .owner)
        #expect(
            refusal { () throws(VaultError) in try elsewhere.restoreVault(from: backup) }
                == .wrongRootKey)
        backup[backup.count - 100] ^= 1
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: backup) } == .damaged)
    }

    @Test func `a process that has the lost vault open says that it was replaced`() throws {
        let other = try vaults.open()
        let wrapped = try prepare(other)
        let backup = try other.acting(as: .owner).backupVault("default")
        try lose("default")
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).restoreVault(from: backup)
        #expect(try directory.unwrap(wrapped) == secret)
        #expect(
            refusal { () throws(VaultError) in
                try other.acting(as: .owner).keys(vault: "default")
            } == .replaced)
    }

    @Test func `in memory it works likewise`() throws {
        let directory = try memoryVaults()
        let key = try directory.addKnownKey()
        let wrapped = try directory.wrap(secret, key)
        let owner = directory.acting(as: .owner)
        let protected = try owner.backupVault("default")
        #expect(
            refusal { () throws(VaultError) in try owner.restoreVault(from: protected) }
                == .alreadyExists)
        _ = try owner.create("open")
        #expect(try owner.open("open").backup() != protected)
        #expect(try directory.unwrap(wrapped) == secret)
    }
}
