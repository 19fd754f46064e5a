import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

/// What somebody who writes a vault's database can put into its schema.
@Suite struct VaultSchemaTests {
    static let plants = [
        "CREATE TRIGGER g BEFORE DELETE ON policies BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE UPDATE ON versions BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER g BEFORE UPDATE ON keys BEGIN SELECT raise(IGNORE); END",
        "CREATE VIEW v AS SELECT * FROM policies",
        "CREATE TABLE more (a)",
        "CREATE INDEX more ON policies (permissions)",
        "DROP INDEX versions_by_key",
        "ANALYZE",
    ]

    static let losses = [
        "ALTER TABLE policies RENAME TO p; CREATE VIEW policies AS SELECT * FROM p",
        "ALTER TABLE policies ADD COLUMN more TEXT",
        "DROP TABLE identities",
    ]

    private func make(_ home: TemporaryVaults) throws -> (VaultDirectory, KeyIdentifier) {
        let vaults = try home.open()
        _ = try vaults.acting(as: .owner).createVault(name: "mine")
        let key = try vaults.acting(as: .owner).createKey(vault: "mine", name: "k").key.kid
        _ = try vaults.acting(as: .owner).setAccessPolicy(
            vault: "mine", for: someone, permissions: [.get, .wrapKey])
        return (vaults, key)
    }

    @Test(arguments: plants)
    func `a vault with a planted schema is refused, and repaired`(plant: String) throws {
        let home = try TemporaryVaults()
        let (first, key) = try make(home)
        first.close()
        try home.tamper("mine") { try $0.execute(plant) }
        let vaults = try home.open()
        defer { vaults.close() }
        func revoke() throws(VaultError) {
            _ = try vaults.acting(as: .owner).deleteAccessPolicy(vault: "mine", for: someone)
        }
        #expect(refusal(revoke) == .damaged)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).vaults() } == .damaged)
        _ = try vaults.acting(as: .owner).repairVault("mine")
        _ = try vaults.acting(as: someone).key(key)
        #expect(refusal(revoke) == nil)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: someone).key(key) }
                == .accessDenied)
        #expect(try vaults.acting(as: .owner).repairVault("mine") == [])
    }

    // one process         | who writes the file
    // --------------------|---------------------
    // has the vault open  |
    //                     | plants
    // takes access away: fails, and never says that it has
    @Test(arguments: plants + losses)
    func `what is planted under an open vault is not obeyed`(plant: String) throws {
        let home = try TemporaryVaults()
        let (vaults, key) = try make(home)
        defer { vaults.close() }
        try home.tamper("mine") { try $0.execute(plant) }
        for _ in 0..<2 {
            #expect(
                refusal { () throws(VaultError) in
                    try vaults.acting(as: .owner).deleteAccessPolicy(vault: "mine", for: someone)
                } == .damaged)
            #expect(
                refusal { () throws(VaultError) in
                    try vaults.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: false))
                } == .damaged)
            #expect(
                refusal { () throws(VaultError) in try vaults.acting(as: .owner).deleteKey(key) }
                    == .damaged)
        }
    }

    @Test(arguments: losses)
    func `a table that is another is not repaired, and nothing is dropped`(loss: String) throws {
        let home = try TemporaryVaults()
        let (first, _) = try make(home)
        first.close()
        try home.tamper("mine") { try $0.execute(loss + "; CREATE TABLE witness (a)") }
        let vaults = try home.open()
        defer { vaults.close() }
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).vault("mine") }
                == .damaged)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).repairVault("mine") }
                == .damaged)
        // Fails if the table is gone.
        try home.tamper("mine") { try $0.execute("DROP TABLE witness") }
    }

    @Test func `only the owner repairs`() throws {
        let home = try TemporaryVaults()
        let (vaults, _) = try make(home)
        defer { vaults.close() }
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).repairVault("mine")
            } == .accessDenied)
        #expect(
            refusal { () throws(VaultError) in try vaults.acting(as: .owner).repairVault("none") }
                == .vaultNotFound)
    }
}
