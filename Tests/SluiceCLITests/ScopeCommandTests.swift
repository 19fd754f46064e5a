internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ScopeCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `a scope with a customer key keeps its objects under it`() throws {
        #expect(try home.sluice("keyvault", "key", "create", "--name", "mine").exitCode == 0)
        try home.permitStore()
        let key = CommandHome.key
        let created = try home.sluice("scope", "create", "private", "--key", key, "--json")
        #expect(created.exitCode == 0, "\(created.errorText)")
        let document = try object(created.outputText)
        #expect(document["keySetting"] as? String == key)
        #expect((document["currentKeyIdentifier"] as? String)?.hasPrefix("\(key)/") == true)
        let put = try home.sluice("put", "-", "--as", "x", "--scope", "private", input: [1])
        #expect(put.exitCode == 0)
        #expect(try home.bytes("--scope", "private", "get", "x") == [1])
        #expect(try home.sluice("get", "x").exitCode == 66)
        let stat = try object(
            try home.text("stat", "x", "--scope", "private", "--json"))
        #expect((stat["keyIdentifier"] as? String)?.hasPrefix("\(key)/") == true)
    }

    @Test func `a scope is deleted when that is said twice`() throws {
        #expect(try home.sluice("scope", "create", "one").exitCode == 0)
        let put = try home.sluice("put", "-", "--as", "x", "--scope", "one", input: [1, 2])
        #expect(put.exitCode == 0)
        let asked = try home.text("scope", "delete", "one")
        #expect(asked == "would remove the scope 'one' with 1 object, 2 B\n")
        #expect(try home.bytes("--scope", "one", "get", "x") == [1, 2])
        let deleted = try object(try home.text("scope", "delete", "one", "--yes", "--json"))
        #expect(deleted["objects"] as? Int == 1 && deleted["isRemoved"] as? Bool == true)
        #expect(try home.sluice("--scope", "one", "get", "x").exitCode == 66)
        #expect(try home.sluice("scope", "delete", "one", "--yes").exitCode == 66)
    }

    @Test func `scopes are listed and shown`() throws {
        #expect(try home.sluice("scope", "create", "one").exitCode == 0)
        let scopes = try objects(try home.text("scope", "list", "--json"))
        #expect(scopes.contains { $0["name"] as? String == "one" })
        #expect(try home.text("scope", "list").contains("one"))
        let shown = try object(try home.text("scope", "show", "one", "--json"))
        #expect(shown["name"] as? String == "one")
        let byOption = try home.text("--scope", "one", "scope", "show", "--json")
        #expect(try object(byOption)["name"] as? String == "one")
    }

    @Test func `bad scopes and keys are told`() throws {
        #expect(try home.sluice("scope", "create", "one").exitCode == 0)
        #expect(try home.sluice("scope", "create", "one").exitCode == 73)
        #expect(try home.sluice("scope", "create", "One").exitCode == 64)
        #expect(try home.sluice("scope", "create", "two", "--key", "mine").exitCode == 64)
        let missing = "https://default.vault.localhost/keys/none"
        #expect(try home.sluice("scope", "create", "two", "--key", missing).exitCode == 69)
        #expect(try home.sluice("scope", "show", "two").exitCode == 66)
        #expect(try home.sluice("--scope", "two", "get", "x").exitCode == 66)
        #expect(try home.sluice("--scope", "two", "put", "-", "--as", "x").exitCode == 66)
    }

    @Test func `a default scope that was deleted doesn't come back in silence`() throws {
        #expect(try !home.sluice("put", "-", "--as", "x").outputText.contains("made the scope"))
        #expect(
            try home.text("scope", "delete", "default", "--yes")
                .contains("the next put without --scope makes it anew"))
        #expect(
            try home.sluice("put", "-", "--as", "x", input: [1]).outputText
                == "made the scope 'default', under the platform's key\nput x (1 B)\n")
        #expect(try home.sluice("put", "-", "--as", "x", input: [1]).outputText == "put x (1 B)\n")
    }
}
