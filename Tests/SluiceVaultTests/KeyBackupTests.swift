import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct KeyBackupTests {
    let vaults: TemporaryVaults
    let directory: VaultDirectory
    let owner: ActingVaults

    init() throws {
        vaults = try TemporaryVaults()
        directory = try vaults.open()
        owner = directory.acting(as: .owner)
        _ = try owner.createVault(name: "default", isPurgeProtected: false)
    }

    /// Deletes the key `k`, and purges it.
    private func destroy(_ key: KeyIdentifier) throws {
        _ = try owner.deleteKey(key.versionless)
        _ = try owner.purgeKey(key.versionless)
    }

    private func restoreRefusal(
        _ bytes: [UInt8], vault: String = "default", as identity: Identity = .owner
    ) -> VaultError.Code? {
        refusal { () throws(VaultError) in
            try directory.acting(as: identity).restoreKey(vault: vault, from: bytes)
        }
    }

    // MARK: What comes back

    @Test func `what was wrapped under any version can be read after a restore`() throws {
        let first = try directory.addKnownKey()
        let second = try owner.rotateKey(vault: "default", name: "k").result.key.kid
        let third = try owner.rotateKey(vault: "default", name: "k").result.key.kid
        let wrapped = try [first, second, third].map { try directory.wrap(secret, $0) }
        let backup = try owner.backupKey(vault: "default", name: "K")
        try destroy(first)
        for each in wrapped {
            #expect(
                refusal { () throws(VaultError) in try directory.unwrap(each) } == .keyNotFound)
        }
        let restored = try owner.restoreKey(vault: "default", from: backup).result
        #expect(restored.key.kid == third)
        let versions = try owner.keyVersions(vault: "default", name: "k").map(\.kid)
        #expect(versions == [third, second, first])
        for each in wrapped { #expect(try directory.unwrap(each) == secret) }
        // And for another process.
        #expect(try vaults.open().unwrap(wrapped[0]) == secret)
    }

    @Test func `attributes, tags, the policy and what was deleted come back as they were`() throws {
        let settings = KeySettings(
            operations: [.wrapKey, .unwrapKey], notBeforeSeconds: 1000,
            expiresSeconds: 4_000_000_000)
        let first = try directory.importKey(
            "k", Vectors.pkcs8, tags: ["a": "1", "b": ""], settings: settings
        ).key.kid
        let policy = try RotationPolicy(
            rotateAfterCreate: CalendarDuration(parsing: "P90D"),
            expiryTime: CalendarDuration(parsing: "P2Y"))
        _ = try owner.setRotationPolicy(policy, vault: "default", name: "k")
        let second = try directory.addKnownKey()
        let third = try directory.addKnownKey()
        _ = try owner.updateKey(second, KeyChanges(isEnabled: false))
        _ = try owner.deleteKey(third)
        // Another key, of which nothing comes along.
        let other = try directory.addKnownKey("other")
        let before = try [first, second].map { try owner.key($0) }
        let policyBefore = try owner.rotationPolicy(vault: "default", name: "k")
        let deletedBefore = try owner.deletedKey(third)
        let backup = try owner.backupKey(vault: "default", name: "k")
        try destroy(first)
        vaults.clock.advance(bySeconds: 1000)
        _ = try owner.restoreKey(vault: "default", from: backup)
        #expect(try [first, second].map { try owner.key($0) } == before)
        #expect(try owner.rotationPolicy(vault: "default", name: "k") == policyBefore)
        #expect(try owner.deletedKey(third) == deletedBefore)
        #expect(try owner.keys(vault: "default").map(\.kid.name) == ["k", "other"])
        #expect(try owner.keyVersions(vault: "default", name: "other").map(\.kid) == [other])
    }

    @Test func `a version that was disabled since is enabled again, and the log says so`() throws {
        let first = try directory.addKnownKey()
        let second = try directory.addKnownKey()
        _ = try owner.updateKey(first, KeyChanges(isEnabled: false))
        let backup = try owner.backupKey(vault: "default", name: "k")
        _ = try owner.updateKey(second, KeyChanges(isEnabled: false))
        try destroy(first)
        _ = try owner.restoreKey(vault: "default", from: backup)
        #expect(try owner.key(second).attributes.enabled)
        #expect(try !owner.key(first).attributes.enabled)
        let records = try owner.operations(vault: "default").records
        #expect(
            records.filter { $0.operation == "restoreEnabled" }.map(\.key) == [second])
        #expect(records.contains { $0.operation == "backup" && $0.outcome == "ok" })
        #expect(records.contains { $0.operation == "restore" && $0.key == second })
    }

    @Test func `a restore is a change of access`() throws {
        let key = try directory.addKnownKey()
        let backup = try owner.backupKey(vault: "default", name: "k")
        try destroy(key)
        let epoch = directory.epoch
        _ = try owner.restoreKey(vault: "default", from: backup)
        #expect(directory.epoch > epoch)
    }

    @Test func `the acting handles do the same`() throws {
        let vault = try owner.open("default")
        let key = try vault.createKey("made")
        let backup = try key.backup()
        try destroy(key.id)
        #expect(try vault.restoreKey(from: backup).id == key.id)
    }

    // MARK: What is refused

    @Test func `a name that is taken is refused, by a deleted key too`() throws {
        let key = try directory.addKnownKey()
        let backup = try owner.backupKey(vault: "default", name: "k")
        #expect(restoreRefusal(backup) == .alreadyExists)
        _ = try owner.deleteKey(key.versionless)
        let error = #expect(throws: VaultError.self) {
            try owner.restoreKey(vault: "default", from: backup)
        }
        #expect(error?.code == .alreadyExists)
        #expect(error?.remedies == [.change(.recover(key.versionless))])
        #expect(try owner.deletedKeys(vault: "default").count == 1)
        _ = try owner.purgeKey(key.versionless)
        #expect(restoreRefusal(backup) == nil)
    }

    @Test func `it takes the permissions backup and restore`() throws {
        let key = try directory.addKnownKey()
        let others = KeyOperation.allCases.filter { $0 != .backup && $0 != .restore }
        _ = try owner.setAccessPolicy(vault: "default", for: someone, permissions: others)
        let acting = directory.acting(as: someone)
        #expect(
            refusal { () throws(VaultError) in
                try acting.backupKey(vault: "default", name: "k")
            } == .accessDenied)
        let backup = try owner.backupKey(vault: "default", name: "k")
        try destroy(key)
        #expect(restoreRefusal(backup, as: someone) == .accessDenied)
        try directory.permit(.backup, .restore)
        #expect(restoreRefusal(backup, as: someone) == nil)
        _ = try acting.backupKey(vault: "default", name: "k")
        _ = try owner.setIdentity(someone, isEnabled: false)
        #expect(
            refusal { () throws(VaultError) in
                try acting.backupKey(vault: "default", name: "k")
            } == .identityDisabled)
    }

    @Test func `a change of any byte is found out`() throws {
        let key = try directory.addKnownKey()
        let backup = try owner.backupKey(vault: "default", name: "k")
        try destroy(key)
        let expected: Set<VaultError.Code> = [
            .damaged, .newerVersion, .wrongRootKey, .invalidArgument, .invalidName,
        ]
        for offset in backup.indices where offset < 120 || offset % 7 == 0 {
            for bit in offset < 120 ? [UInt8(1), 0x40] : [1] {
                var changed = backup
                changed[offset] ^= bit
                let code = restoreRefusal(changed)
                #expect(code.map(expected.contains) == true, "byte \(offset): \(code as Any)")
            }
        }
        for byteCount in [0, 1, 8, 9, 79, 80, 81, 100, backup.count - 1] {
            #expect(restoreRefusal(Array(backup.prefix(byteCount))) != nil, "\(byteCount)")
        }
        #expect(restoreRefusal(backup + [0]) == .damaged)
        #expect(restoreRefusal(backup) == nil)
    }

    @Test func `a backup belongs to its vault, to its root key, and is of a key`() throws {
        let key = try directory.addKnownKey()
        let backup = try owner.backupKey(vault: "default", name: "k")
        try destroy(key)
        _ = try owner.createVault(name: "other")
        #expect(restoreRefusal(backup, vault: "other") == .invalidArgument)
        #expect(restoreRefusal(try owner.backupVault("default")) == .invalidArgument)
        let elsewhere = try memoryVaults()
        #expect(
            refusal { () throws(VaultError) in
                try elsewhere.acting(as: .owner).restoreKey(vault: "default", from: backup)
            } == .wrongRootKey)
        #expect(
            refusal { () throws(VaultError) in
                try owner.backupKey(vault: "platform", name: "platform")
            } == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in try owner.backupKey(vault: "default", name: "k") }
                == .keyNotFound)
    }

    @Test func `no private key is in it in the clear`() throws {
        _ = try directory.addKnownKey()
        let backup = try owner.backupKey(vault: "default", name: "k")
        let key = try PrivateKey(pem: Array(Vectors.pkcs8.utf8).span, library: vaults.library)
        guard case .rsa(let key) = key else { throw CancellationError() }
        let modulus = key.publicKey.modulus
        // Not even what is public.
        let found = backup.indices.dropLast(16).contains {
            Array(backup[$0..<$0 + 16]) == Array(modulus[0..<16])
        }
        #expect(!found)
        #expect(try owner.backupKey(vault: "default", name: "k") != backup)
    }

    @Test func `a key whose private key does not open is not backed up`() throws {
        _ = try directory.addKnownKey()
        try vaults.tamper("default") { connection in
            try connection.execute("UPDATE versions SET salt = zeroblob(32)")
        }
        #expect(
            refusal { () throws(VaultError) in try owner.backupKey(vault: "default", name: "k") }
                == .damaged)
        #expect(
            refusal { () throws(VaultError) in try owner.backupVault("default") } == .damaged)
    }

    @Test func `what is in a backup reads back, and nothing else does`() throws {
        var contents = BackupContents()
        contents.rows["keys"] = [[.integer(.min), .text("ä"), .null, .integer(-1)]]
        contents.rows["tags"] = [[.integer(.max), .text(""), .blob([0, 255])]]
        let bytes = contents.encoded(BackupContents.keyTables)
        let read = try BackupContents(decoding: bytes, BackupContents.keyTables)
        #expect(read.rows == contents.rows)
        for byteCount in bytes.indices {
            #expect(
                refusal { () throws(VaultError) in
                    try BackupContents(
                        decoding: Array(bytes.prefix(byteCount)), BackupContents.keyTables)
                } != nil)
        }
        #expect(
            refusal { () throws(VaultError) in
                try BackupContents(decoding: bytes + [0], BackupContents.keyTables)
            } == .damaged)
    }
}
