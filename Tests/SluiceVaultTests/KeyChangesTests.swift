import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct KeyChangesTests {
    let clock = ManualClock(milliseconds: 1_000_000)
    let vaults: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try memoryVaults(clock: clock)
        key = try vaults.importKey("k", Vectors.pkcs8, tags: ["a": "1"]).key.kid
    }

    @Test func `a version that is disabled refuses everything until it is enabled`() throws {
        let wrapped = try vaults.wrap(secret, key)
        let change = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
        #expect(!change.result.attributes.enabled)
        #expect(vaults.authorizeRefusal(key, .unwrapKey, as: .owner) == .keyDisabled)
        #expect(refusal { () throws(VaultError) in try vaults.unwrap(wrapped) } == .keyDisabled)
        #expect(refusal { () throws(VaultError) in try vaults.wrap(secret, key) } == .keyDisabled)
        _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: true))
        #expect(try vaults.unwrap(wrapped) == secret)
    }

    @Test func `what is not mentioned stays`() throws {
        clock.advance(bySeconds: 5)
        let changed = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(notBeforeSeconds: 10, expiresSeconds: 20)
        ).result
        #expect(changed.attributes.nbf == 10)
        #expect(changed.attributes.exp == 20)
        #expect(changed.attributes.created == 1000)
        #expect(changed.attributes.updated == 1005)
        #expect(changed.attributes.enabled)
        #expect(changed.tags == ["a": "1"])
        #expect(changed.key.keyOperations == KeyOperation.ofKeys)
        let again = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(operations: [.unwrapKey], tags: ["b": "2"])
        ).result
        #expect(again.attributes.exp == 20)
        #expect(again.tags == ["b": "2"])
        #expect(again.key.keyOperations == [.unwrapKey])
        #expect(try vaults.acting(as: .owner).key(key) == again)
    }

    @Test func `a limit in time is taken back`() throws {
        _ = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(notBeforeSeconds: 10, expiresSeconds: 20))
        let first = try vaults.acting(as: .owner).updateKey(key, KeyChanges(removing: [.expiry]))
            .result
        #expect(first.attributes.exp == nil)
        #expect(first.attributes.nbf == 10)
        _ = try vaults.wrap(secret, key)
        let second = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(expiresSeconds: 5000, removing: [.notBefore, .expiry])
        ).result
        #expect(second.attributes.nbf == nil)
        #expect(second.attributes.exp == 5000)
    }

    @Test func `to look at a key is to look at its newest version, enabled or not`() throws {
        let newest = try vaults.addKnownKey()
        _ = try vaults.acting(as: .owner).updateKey(newest, KeyChanges(isEnabled: false))
        let shown = try vaults.acting(as: .owner).key(key.versionless)
        #expect(shown.key.kid == newest)
        #expect(!shown.attributes.enabled)
        // To use it is to use the newest that is enabled.
        #expect(
            try vaults.describe(key.versionless, as: .owner, deadline: .none).identifier == key)
        _ = try vaults.acting(as: .owner).deleteKey(newest)
        #expect(try vaults.acting(as: .owner).key(key.versionless).key.kid == key)
    }

    @Test func `operations that are taken away are refused`() throws {
        let wrapped = try vaults.wrap(secret, key)
        _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(operations: [.wrapKey]))
        #expect(
            refusal { () throws(VaultError) in try vaults.unwrap(wrapped) }
                == .operationNotPermitted)
        #expect(vaults.authorizeRefusal(key, .wrapKey, as: .owner) == nil)
    }

    @Test func `without a version the newest is meant, enabled or not`() throws {
        let newest = try vaults.addKnownKey()
        _ = try vaults.acting(as: .owner).updateKey(key.versionless, KeyChanges(isEnabled: false))
        #expect(try !vaults.acting(as: .owner).key(newest).attributes.enabled)
        #expect(
            try vaults.describe(key.versionless, as: .owner, deadline: .none).identifier == key)
        _ = try vaults.acting(as: .owner).updateKey(key.versionless, KeyChanges(isEnabled: true))
        #expect(try vaults.acting(as: .owner).key(key.versionless).key.kid == newest)
    }

    @Test func `changes that make no sense are refused and change nothing`() throws {
        let before = try vaults.acting(as: .owner).key(key)
        let changes = [
            KeyChanges(notBeforeSeconds: 5, expiresSeconds: 5), KeyChanges(operations: [.get]),
            KeyChanges(tags: [String(repeating: "x", count: 257): ""]),
        ]
        for changes in changes {
            #expect(
                refusal { () throws(VaultError) in
                    try vaults.acting(as: .owner).updateKey(key, changes)
                }
                    == .invalidArgument)
        }
        #expect(try vaults.acting(as: .owner).key(key) == before)
        let unknown = try key.versioned("0123456789abcdef0123456789abcdef")
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).updateKey(unknown, KeyChanges())
            }
                == .keyNotFound)
    }

    @Test func `a rotated key has a new version with the same operations and tags`() throws {
        _ = try vaults.acting(as: .owner).updateKey(
            key, KeyChanges(operations: [.wrapKey, .unwrapKey]))
        let wrapped = try vaults.wrap(secret, key)
        let rotated = try vaults.acting(as: .owner).rotateKey(vault: "default", name: "K").result
        #expect(rotated.key.kid.name == "k")
        #expect(rotated.key.kid != key)
        #expect(rotated.key.keyOperations == [.wrapKey, .unwrapKey])
        #expect(rotated.tags == ["a": "1"])
        #expect(rotated.attributes.exp == nil)
        #expect(rotated.key.n != Vectors.modulus)
        #expect(try vaults.wrap(secret, key.versionless).key == rotated.key.kid)
        #expect(try vaults.unwrap(wrapped) == secret)
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: .owner).rotateKey(vault: "default", name: "none")
            } == .keyNotFound)
    }

    @Test func `a key that is disabled is rotated to one that is enabled`() throws {
        _ = try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
        let rotated = try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k").result
        #expect(rotated.attributes.enabled)
        #expect(try vaults.acting(as: .owner).key(key.versionless) == rotated)
    }
}
