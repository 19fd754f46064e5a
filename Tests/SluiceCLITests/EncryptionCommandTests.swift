internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct EncryptionCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
    }

    private func update(_ arguments: String) throws -> CommandResult {
        try home.shell("\"$sluice\" encryption update --scope private --json \(arguments)")
    }

    private func shown() throws -> [String: Any] {
        try object(try home.text("encryption", "show", "--scope", "private", "--json"))
    }

    @Test func `what is not named stays as it is`() throws {
        #expect(try shown()["rewrapMode"] as? String == "onRewrite")
        #expect(try shown()["pollSeconds"] as? Int == 0)
        #expect(try update("--rewrap onRead").exitCode == 0)
        #expect(try update("--poll-interval PT15M").exitCode == 0)
        let document = try shown()
        #expect(document["rewrapMode"] as? String == "onRead")
        #expect(document["pollSeconds"] as? Int == 900)
        #expect(document["keySetting"] as? String == CommandHome.key)
        #expect(document["isPinned"] as? Bool == false)
        #expect(try home.text("encryption", "show", "--scope", "private").contains("900 s"))
        #expect(try home.text("scope", "show", "private").contains(CommandHome.key))
    }

    @Test func `a key that is pinned moves by update only`() throws {
        let first = try #require(try shown()["currentKeyIdentifier"] as? String)
        #expect(try update("--key \(first)").exitCode == 0)
        let second = try home.rotate()
        try home.putPrivate([1], as: "x")
        #expect(try shown()["currentKeyIdentifier"] as? String == first)
        #expect(try shown()["isPinned"] as? Bool == true)
        #expect(try update("--key \(second)").exitCode == 0)
        #expect(try shown()["currentKeyIdentifier"] as? String == second)
        #expect(try home.getPrivate("x") == [1])
    }

    @Test func `a scope goes back to the platform's key, and to no key that isn't there`() throws {
        let platform = try object(try home.text("encryption", "show", "--json"))
        let back = try update("--key \(try #require(platform["keySetting"] as? String))")
        #expect(back.exitCode == 0)
        #expect(try shown()["keySetting"] as? String == platform["keySetting"] as? String)
        #expect(try update("--key \(CommandHome.key)").exitCode == 0)
        #expect(try update("--key \(CommandHome.key)-none").exitCode == 69)
        #expect(try shown()["keySetting"] as? String == CommandHome.key)
    }

    @Test func `a scope under the platform's key moves to a customer's`() throws {
        try home.put([1], as: "x")
        #expect(
            try home.sluice("encryption", "update", "--key", CommandHome.key).exitCode == 0)
        #expect(try home.bytes("get", "x") == [1])
        #expect(try home.census("default").count == 2)
        try home.revoke()
        #expect(try home.sluice("get", "x").exitCode == 77)
    }

    @Test(arguments: ["", "--rewrap never", "--poll-interval P1M", "--poll-interval=-1", "--key x"])
    func `what can't be set is a usage error`(arguments: String) throws {
        #expect(try update(arguments).exitCode == 64)
    }
}
