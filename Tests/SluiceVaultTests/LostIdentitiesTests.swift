import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

/// What becomes of identities that are switched off if the vault that says so is lost, or says it badly.
@Suite struct LostIdentitiesTests {
    let vaults: TemporaryVaults
    let key: KeyIdentifier

    init() throws {
        vaults = try TemporaryVaults()
        let directory = try vaults.open()
        defer { directory.close() }
        _ = try directory.acting(as: .owner).createVault(name: "default")
        key = try directory.addKnownKey()
        try directory.permit(.get, .wrapKey, .unwrapKey)
        _ = try directory.acting(as: .owner).setIdentity(someone, isEnabled: false)
    }

    private var platform: String { "\(vaults.path)/platform" }

    private func refusalOfSomeone(_ instance: VaultDirectory? = nil) throws -> VaultError.Code? {
        let instance = try instance ?? vaults.open()
        return instance.authorizeRefusal(key, .unwrapKey)
    }

    @Test func `without the platform's vault nobody gets at anything but the owner`() throws {
        #expect(try refusalOfSomeone() == .identityDisabled)
        FileChange.move(platform, to: "\(vaults.parent)/aside")
        #expect(try refusalOfSomeone() == .damaged)
        let instance = try vaults.open()
        #expect(instance.authorizeRefusal(key, .get, as: Identity(objectID: "other")) == .damaged)
        #expect(
            refusal { () throws(VaultError) in
                try instance.acting(as: someone).keys(vault: "default")
            }
                == .damaged)
        #expect(refusal { () throws(VaultError) in try instance.isEnabled(someone) } == .damaged)
        #expect(instance.authorizeRefusal(key, .unwrapKey, as: .owner) == nil)
        // Nor is another one made in its place, with everybody on.
        #expect(refusal { () throws(VaultError) in try instance.platformKey() } == .damaged)
        #expect(
            refusal { () throws(VaultError) in try instance.permit(.get, .unwrapKey) } == .damaged)
        #expect(try !FileSystem.exists(platform))
        FileChange.move("\(vaults.parent)/aside", to: platform)
        #expect(try refusalOfSomeone() == .identityDisabled)
    }

    @Test func `the owner makes another one by saying who is off`() throws {
        try FileSystem.remove(tree: platform)
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).setIdentity(someone, isEnabled: false)
        #expect(try refusalOfSomeone() == .identityDisabled)
        _ = try directory.acting(as: .owner).setIdentity(someone, isEnabled: true)
        #expect(try refusalOfSomeone() == nil)
    }

    @Test func `an empty directory in its place is no vault`() throws {
        try FileSystem.remove(tree: platform)
        try FileSystem.makeDirectories(platform)
        #expect(try refusalOfSomeone() != nil)
        #expect(
            refusal { () throws(VaultError) in try vaults.open().isEnabled(someone) } == .damaged)
    }

    @Test(arguments: [
        "UPDATE identities SET enabled = 2", "UPDATE identities SET enabled = -1",
        "UPDATE identities SET identity = upper(identity), enabled = 1",
        "UPDATE vault SET purged = 1", "UPDATE vault SET deleted = 1, purge_at = 2",
        "UPDATE vault SET deleted = 1, purge_at = 253402300799", "DROP TABLE identities",
    ])
    func `a record that is none switches off`(change: String) throws {
        // With digits alone a name has no capitals.
        let lettered = Identity(objectID: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
        let directory = try vaults.open()
        _ = try directory.acting(as: .owner).setAccessPolicy(
            vault: "default", for: lettered, permissions: [.unwrapKey])
        _ = try directory.acting(as: .owner).setIdentity(lettered, isEnabled: false)
        directory.close()
        try vaults.tamper("platform") { try $0.execute(change) }
        let code = try vaults.open().authorizeRefusal(key, .unwrapKey, as: lettered)
        #expect(code != nil && code != .accessDenied)
    }

    @Test func `where there never was a policy nobody was switched off`() throws {
        let fresh = try TemporaryVaults()
        let directory = try fresh.open()
        #expect(try directory.isEnabled(someone))
        _ = try directory.acting(as: .owner).createVault(name: "default")
        #expect(try directory.isEnabled(someone))
        #expect(
            refusal { () throws(VaultError) in
                try directory.acting(as: someone).keys(vault: "default")
            }
                == .accessDenied)
        _ = try directory.platformKey()
    }
}
