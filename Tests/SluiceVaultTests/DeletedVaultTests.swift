import SluiceAccess
import SluiceNative
import TestSupport
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
        _ = try vaults.acting(as: .owner).createVault(name: "default")
        key = try vaults.addKnownKey()
        wrapped = try vaults.wrap(secret, key)
    }

    private func code(_ body: () throws(VaultError) -> Void) -> VaultError.Code? { refusal(body) }

    @Test func `a deleted vault refuses everything until it is recovered`() throws {
        try vaults.permit(.get)
        let deleted = try vaults.acting(as: .owner).deleteVault("Default").result
        #expect(deleted.name == "default")
        #expect(deleted.properties.deletionDate == files.clock.nowSeconds())
        #expect(deleted.properties.scheduledPurgeDate == files.clock.nowSeconds() + days(90))
        for instance in [vaults, try files.open()] {
            let codes = [
                code { () throws(VaultError) in _ = try instance.unwrap(wrapped) },
                code { () throws(VaultError) in
                    _ = try instance.acting(as: .owner).keys(vault: "default")
                },
                code { () throws(VaultError) in _ = try instance.acting(as: .owner).vault("default")
                },
                code { () throws(VaultError) in _ = try instance.addKnownKey() },
                code { () throws(VaultError) in
                    _ = try instance.acting(as: .owner).deleteVault("default")
                },
                code { () throws(VaultError) in
                    _ = try instance.acting(as: .owner).createVault(name: "default")
                },
                code { () throws(VaultError) in
                    _ = try instance.anchor(store: [1], scope: [1], under: key)
                },
                instance.authorizeRefusal(key, .get),
            ]
            #expect(codes.allSatisfy { $0 == .vaultDeleted })
            #expect(try instance.acting(as: .owner).vaults().map(\.name) == ["platform"])
            #expect(try instance.acting(as: .owner).deletedVaults() == [deleted])
        }
        let recovered = try vaults.acting(as: .owner).recoverVault("default").result
        #expect(recovered.properties.accessPolicies.count == 1)
        #expect(try vaults.unwrap(wrapped) == secret)
        #expect(try vaults.acting(as: .owner).deletedVaults().isEmpty)
    }

    @Test func `what is not deleted is neither recovered nor purged`() {
        for name in ["default", "missing"] {
            #expect(
                code { () throws(VaultError) in _ = try vaults.acting(as: .owner).recoverVault(name)
                }
                    == .vaultNotFound)
            #expect(
                code { () throws(VaultError) in _ = try vaults.acting(as: .owner).purgeVault(name) }
                    == .vaultNotFound)
        }
    }

    @Test func `purge protection keeps a deleted vault until its date, when it goes`() throws {
        _ = try vaults.acting(as: .owner).deleteVault("default")
        #expect(
            code { () throws(VaultError) in _ = try vaults.acting(as: .owner).purgeVault("default")
            }
                == .purgeProtected)
        files.clock.advance(bySeconds: days(90) - 1)
        #expect(try vaults.acting(as: .owner).deletedVaults().count == 1)
        files.clock.advance(bySeconds: 1)
        #expect(
            code { () throws(VaultError) in _ = try vaults.unwrap(wrapped) } == .vaultNotFound)
        #expect(try vaults.acting(as: .owner).deletedVaults().isEmpty)
        #expect(try !FileSystem.exists("\(files.path)/default"))
    }

    @Test func `a purged vault's name is free, and nobody takes the new one for the old`() throws {
        _ = try vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        let other = try files.open()
        let old = try vaults.addKnownKey(vault: "loose")
        #expect(try other.acting(as: .owner).keys(vault: "loose").count == 1)
        _ = try vaults.acting(as: .owner).deleteVault("loose")
        _ = try vaults.acting(as: .owner).purgeVault("loose")
        #expect(try !FileSystem.exists("\(files.path)/loose"))
        #expect(
            code { () throws(VaultError) in _ = try other.acting(as: .owner).keys(vault: "loose") }
                == .vaultNotFound)
        _ = try vaults.acting(as: .owner).createVault(name: "loose")
        #expect(try other.acting(as: .owner).keys(vault: "loose").isEmpty)
        #expect(
            code { () throws(VaultError) in _ = try other.acting(as: .owner).key(old) }
                == .keyNotFound)
    }

    @Test func `a vault in memory is deleted, recovered and purged`() throws {
        let clock = ManualClock()
        let vaults = try memoryVaults(clock: clock)
        let kid = try vaults.addKnownKey()
        _ = try vaults.acting(as: .owner).deleteVault("default")
        #expect(vaults.authorizeRefusal(kid, .get, as: .owner) == .vaultDeleted)
        _ = try vaults.acting(as: .owner).recoverVault("default")
        #expect(vaults.authorizeRefusal(kid, .get, as: .owner) == nil)
        _ = try vaults.acting(as: .owner).deleteVault("default")
        clock.advance(bySeconds: days(90))
        _ = try vaults.acting(as: .owner).createVault(name: "default")
        #expect(try vaults.acting(as: .owner).keys(vault: "default").isEmpty)
    }

    @Test func `the reserved vault can't be deleted`() throws {
        _ = try vaults.platformKey()
        #expect(
            code { () throws(VaultError) in
                _ = try vaults.acting(as: .owner).deleteVault("platform")
            }
                == .accessDenied)
    }
}
