import Foundation
import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct DeletedKeyTests {
    let clock = ManualClock()
    let vaults: VaultDirectory
    let first: KeyIdentifier
    let second: KeyIdentifier

    init() throws {
        vaults = try memoryVaults(clock: clock)
        first = try vaults.addKnownKey()
        second = try vaults.addKnownKey()
    }

    @Test func `a deleted key refuses everything, in all its versions, until recovered`() throws {
        let wrapped = try vaults.wrap(secret, first)
        _ = try vaults.acting(as: .owner).deleteKey(first.versionless)
        #expect(refusal { () throws(VaultError) in try vaults.unwrap(wrapped) } == .keyDeleted)
        for key in [first, second, first.versionless] {
            #expect(vaults.authorizeRefusal(key, .wrapKey, as: .owner) == .keyDeleted)
            #expect(
                refusal { () throws(VaultError) in try vaults.acting(as: .owner).key(key) }
                    == .keyDeleted)
        }
        #expect(try vaults.acting(as: .owner).keys(vault: "default").isEmpty)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k")
            } == .keyDeleted)
        _ = try vaults.acting(as: .owner).recoverKey(first.versionless)
        #expect(try vaults.unwrap(wrapped) == secret)
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                second, first,
            ])
    }

    @Test func `a deleted key tells when it goes and how it comes back`() throws {
        let deleted = try vaults.acting(as: .owner).deleteKey(first.versionless).result
        #expect(deleted.deletedDate == clock.nowSeconds())
        #expect(deleted.scheduledPurgeDate == clock.nowSeconds() + days(90))
        #expect(deleted.recoveryId.key == first.versionless)
        #expect(deleted.key.kid == second)
        #expect(deleted.note == nil)
        #expect(try vaults.acting(as: .owner).deletedKey(first.versionless) == deleted)
        let listed = try vaults.acting(as: .owner).deletedKeys(vault: "default")
        #expect(listed.map(\.kid) == [first.versionless])
        #expect(listed.map(\.recoveryId) == [deleted.recoveryId])
    }

    @Test func `the name of a deleted key can't be used`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(first.versionless)
        let codes = [
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).createKey(vault: "default", name: "K")
            },
            refusal { () throws(VaultError) in try vaults.addKnownKey() },
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k")
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).updateKey(first, KeyChanges())
            },
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).deleteKey(first.versionless)
            },
        ]
        #expect(codes.allSatisfy { $0 == .keyDeleted })
    }

    @Test func `purge protection keeps a deleted key until its date, when it goes`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(first.versionless)
        func purge() -> VaultError.Code? {
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).purgeKey(first.versionless)
            }
        }
        #expect(purge() == .purgeProtected)
        clock.advance(bySeconds: days(90) - 1)
        #expect(purge() == .purgeProtected)
        #expect(try vaults.acting(as: .owner).deletedKeys(vault: "default").count == 1)
        clock.advance(bySeconds: 1)
        #expect(try vaults.acting(as: .owner).deletedKeys(vault: "default").isEmpty)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).key(first) }
                == .keyNotFound)
        #expect(purge() == .keyNotFound)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).recoverKey(first.versionless)
            }
                == .keyNotFound)
        let again = try vaults.addKnownKey()
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                again
            ])
    }

    @Test func `the name is free as soon as the date has come`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(first.versionless)
        clock.advance(bySeconds: days(90))
        let again = try vaults.addKnownKey()
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                again
            ])
    }

    @Test func `without purge protection a deleted key can be purged`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        let key = try vaults.addKnownKey(vault: "loose")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).purgeKey(key.versionless)
            }
                == .keyNotFound)
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        _ = try vaults.acting(as: .owner).purgeKey(key.versionless)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).key(key) }
                == .keyNotFound)
        _ = try vaults.acting(as: .owner).enablePurgeProtection(vault: "loose")
        _ = try vaults.addKnownKey(vault: "loose")
        _ = try vaults.acting(as: .owner).deleteKey(key.versionless)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).purgeKey(key.versionless)
            }
                == .purgeProtected)
    }

    @Test func `a version alone is deleted and recovered, with a word about the service`() throws {
        let wrapped = try vaults.wrap(secret, first)
        let deleted = try vaults.acting(as: .owner).deleteKey(second).result
        #expect(deleted.note != nil)
        #expect(deleted.recoveryId.key == second)
        #expect(try vaults.unwrap(wrapped) == secret)
        #expect(vaults.authorizeRefusal(second, .unwrapKey, as: .owner) == .keyDeleted)
        #expect(try vaults.acting(as: .owner).key(first.versionless).key.kid == first)
        #expect(
            try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").map(\.kid) == [
                first
            ])
        #expect(try vaults.acting(as: .owner).deletedKeys(vault: "default").map(\.kid) == [second])
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).recoverKey(first.versionless)
            }
                == .keyNotFound)
        _ = try vaults.acting(as: .owner).recoverKey(second)
        #expect(try vaults.acting(as: .owner).key(first.versionless).key.kid == second)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).recoverKey(second) }
                == .keyNotFound)
    }

    @Test func `a key whose versions are all deleted is deleted for who asks`() throws {
        _ = try vaults.acting(as: .owner).deleteKey(first)
        _ = try vaults.acting(as: .owner).deleteKey(second)
        #expect(
            vaults.authorizeRefusal(first.versionless, .wrapKey, as: .owner) == .keyDeleted)
        #expect(try vaults.acting(as: .owner).keys(vault: "default").isEmpty)
        clock.advance(bySeconds: days(90))
        #expect(
            vaults.authorizeRefusal(first.versionless, .wrapKey, as: .owner) == .keyNotFound)
    }

    @Test func `a version that was deleted alone goes alone`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        let keys = try (0..<2).map { _ in try vaults.addKnownKey(vault: "loose") }
        _ = try vaults.acting(as: .owner).deleteKey(keys[0])
        _ = try vaults.acting(as: .owner).purgeKey(keys[0])
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).key(keys[0]) }
                == .keyNotFound)
        #expect(try vaults.acting(as: .owner).key(keys[1]).key.kid == keys[1])
    }

    @Test func `the platform's key can't be deleted`() throws {
        let key = try vaults.platformKey()
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).deleteKey(key) }
                == .accessDenied)
    }

    @Test func `a deleted key has the field names of the service's interface`() throws {
        let deleted = try vaults.acting(as: .owner).deleteKey(first.versionless).result
        let json = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(deleted)) as? [String: Any])
        #expect(
            Set(json.keys) == [
                "key", "attributes", "recoveryId", "deletedDate", "scheduledPurgeDate",
            ])
    }
}
