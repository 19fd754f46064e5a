import SluiceAccess
import SluiceNative
import Testing

@testable import SluiceVault

@Suite struct DeletedVaultTests {
    let files: TemporaryVaults
    let vaults: VaultDirectory
    let key: KeyIdentifier
    let wrapped: WrappedKey

    init() throws {
        files = try TemporaryVaults()
        vaults = try files.open()
        _ = try vaults.createVault(name: "default")
        key = try vaults.addKnownKey()
        wrapped = try vaults.wrap(secret, key)
    }

    private func code(_ body: () throws(VaultError) -> Void) -> VaultError.Code? { refusal(body) }

    @Test func `a deleted vault refuses everything until it is recovered`() throws {
        try vaults.permit(.get)
        let deleted = try vaults.deleteVault("Default").result
        #expect(deleted.name == "default")
        #expect(deleted.properties.deletionDate == files.clock.nowSeconds())
        #expect(deleted.properties.scheduledPurgeDate == files.clock.nowSeconds() + days(90))
        for instance in [vaults, try files.open()] {
            let codes = [
                code { () throws(VaultError) in _ = try instance.unwrap(wrapped) },
                code { () throws(VaultError) in _ = try instance.keys(vault: "default") },
                code { () throws(VaultError) in _ = try instance.vault("default") },
                code { () throws(VaultError) in _ = try instance.addKnownKey() },
                code { () throws(VaultError) in _ = try instance.deleteVault("default") },
                code { () throws(VaultError) in _ = try instance.createVault(name: "default") },
                code { () throws(VaultError) in
                    _ = try instance.anchor(store: [1], scope: [1], under: key)
                },
                instance.authorizeRefusal(key, .get),
            ]
            #expect(codes.allSatisfy { $0 == .vaultDeleted })
            #expect(try instance.vaults().map(\.name) == ["platform"])
            #expect(try instance.deletedVaults() == [deleted])
        }
        let recovered = try vaults.recoverVault("default").result
        #expect(recovered.properties.accessPolicies.count == 1)
        #expect(try vaults.unwrap(wrapped) == secret)
        #expect(try vaults.deletedVaults().isEmpty)
    }

    @Test func `what is not deleted is neither recovered nor purged`() {
        for name in ["default", "missing"] {
            #expect(
                code { () throws(VaultError) in _ = try vaults.recoverVault(name) }
                    == .vaultNotFound)
            #expect(
                code { () throws(VaultError) in _ = try vaults.purgeVault(name) }
                    == .vaultNotFound)
        }
    }

    @Test func `purge protection keeps a deleted vault until its date, when it goes`() throws {
        _ = try vaults.deleteVault("default")
        #expect(
            code { () throws(VaultError) in _ = try vaults.purgeVault("default") }
                == .purgeProtected)
        files.clock.advance(bySeconds: days(90) - 1)
        #expect(try vaults.deletedVaults().count == 1)
        files.clock.advance(bySeconds: 1)
        #expect(
            code { () throws(VaultError) in _ = try vaults.unwrap(wrapped) } == .vaultNotFound)
        #expect(try vaults.deletedVaults().isEmpty)
        #expect(try !FileSystem.exists("\(files.path)/default"))
    }

    @Test func `a purged vault's name is free, and nobody takes the new one for the old`() throws {
        _ = try vaults.createVault(name: "loose", isPurgeProtected: false)
        let other = try files.open()
        let old = try vaults.addKnownKey(vault: "loose")
        #expect(try other.keys(vault: "loose").count == 1)
        _ = try vaults.deleteVault("loose")
        _ = try vaults.purgeVault("loose")
        #expect(try !FileSystem.exists("\(files.path)/loose"))
        #expect(
            code { () throws(VaultError) in _ = try other.keys(vault: "loose") } == .vaultNotFound)
        _ = try vaults.createVault(name: "loose")
        #expect(try other.keys(vault: "loose").isEmpty)
        #expect(
            code { () throws(VaultError) in _ = try other.key(old) } == .keyNotFound)
    }

    @Test func `a vault in memory is deleted, recovered and purged`() throws {
        let clock = ManualClock()
        let vaults = try memoryVaults(clock: clock)
        let kid = try vaults.addKnownKey()
        _ = try vaults.deleteVault("default")
        #expect(vaults.authorizeRefusal(kid, .get, as: .owner) == .vaultDeleted)
        _ = try vaults.recoverVault("default")
        #expect(vaults.authorizeRefusal(kid, .get, as: .owner) == nil)
        _ = try vaults.deleteVault("default")
        clock.advance(bySeconds: days(90))
        _ = try vaults.createVault(name: "default")
        #expect(try vaults.keys(vault: "default").isEmpty)
    }

    @Test func `the reserved vault can't be deleted`() throws {
        _ = try vaults.platformKey()
        #expect(
            code { () throws(VaultError) in _ = try vaults.deleteVault("platform") }
                == .accessDenied)
    }
}
