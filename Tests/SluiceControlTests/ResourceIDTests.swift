internal import SluiceControl
internal import Testing

@Suite struct ResourceIDTests {
    private func path(_ text: String) -> ResourcePath? {
        ResourcePath(text.split(separator: "/").map(String.init))
    }

    @Test func `ids that differ in case alone are one`() throws {
        let id = try #require(
            path("/SUBSCRIPTIONS/S/resourcegroups/G/PROVIDERS/Microsoft.KeyVault/vaults/V")?.id)
        #expect(
            id.description
                == "/subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/V")
        #expect(
            id
                == path("/subscriptions/s/resourceGroups/g/providers/microsoft.keyvault/VAULTS/v")?
                .id)
        #expect(id.type == "Microsoft.KeyVault/vaults")
        #expect(id.name == "V")
        #expect(id.subscription == "S")
        #expect(id.group?.name == "G")
    }

    @Test func `a path is a resource, a collection or an action`() throws {
        let account =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"
        let keys = try #require(path(account + "/listKeys"))
        #expect(keys.id.name == "a")
        #expect(keys.rest == "listKeys")
        let vaults = try #require(path("/subscriptions/s/providers/Microsoft.KeyVault/vaults"))
        #expect(vaults.id.description == "/subscriptions/s")
        #expect(vaults.collectionType == "Microsoft.KeyVault/vaults")
        let purge = try #require(
            path("/subscriptions/s/providers/Microsoft.KeyVault/locations/l/deletedVaults/v/purge"))
        #expect(purge.collectionType == "Microsoft.KeyVault/locations/deletedVaults/purge")
        let provider = try #require(path("/subscriptions/s/providers/Microsoft.KeyVault"))
        #expect(provider.namespace == "Microsoft.KeyVault")
        #expect(provider.rest == nil)
        #expect(path("/subscriptions")?.rest == "subscriptions")
        #expect(path("/a/b/c") == nil)
        #expect(ResourcePath(["subscriptions", "..", "resourceGroups", "g"]) == nil)
    }

    @Test func `what is on a resource has it for its parent`() throws {
        let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
        let role = try #require(
            path(vault + "/providers/Microsoft.Authorization/roleAssignments/r")?.id)
        #expect(role.type == "Microsoft.Authorization/roleAssignments")
        #expect(
            role.lineage.map(\.description) == [
                role.description, vault, "/subscriptions/s/resourceGroups/g", "/subscriptions/s",
                "/",
            ])
        let child = try #require(path(vault + "/keys/k")?.id)
        #expect(child.type == "Microsoft.KeyVault/vaults/keys")
        #expect(child.parent?.description == vault)
    }
}
