internal import SluiceControl
internal import Testing

@Suite struct RoleTests {
    private func role(_ name: String) throws -> RoleDefinition {
        try #require(RoleDefinition.builtIn.first { $0.name == name })
    }

    @Test func `owners and contributors have no action on data`() throws {
        for name in ["Owner", "Contributor", "Reader"] {
            let role = try role(name)
            #expect(role.allows("Microsoft.KeyVault/vaults/read", onData: false))
            #expect(!role.allows("Microsoft.KeyVault/vaults/keys/read", onData: true))
        }
    }

    @Test func `what a pattern refuses goes before what it allows`() throws {
        let contributor = try role("Contributor")
        #expect(contributor.allows("Microsoft.KeyVault/vaults/write", onData: false))
        #expect(!contributor.allows("Microsoft.Authorization/roleAssignments/write", onData: false))
        #expect(
            try role("Owner").allows("Microsoft.Authorization/roleAssignments/write", onData: false)
        )
        #expect(try !role("Reader").allows("Microsoft.KeyVault/vaults/write", onData: false))
    }

    @Test func `keys are read, wrapped and unwrapped for encryption, and no more`() throws {
        let user = try role("Key Vault Crypto Service Encryption User")
        for action in ["read", "wrap/action", "UNWRAP/action"] {
            #expect(user.allows("Microsoft.KeyVault/vaults/keys/\(action)", onData: true))
        }
        for action in ["sign/action", "create/action", "delete"] {
            #expect(!user.allows("Microsoft.KeyVault/vaults/keys/\(action)", onData: true))
        }
    }

    @Test func `ids of roles are all different`() {
        #expect(Set(RoleDefinition.builtIn.map(\.id)).count == RoleDefinition.builtIn.count)
    }
}
