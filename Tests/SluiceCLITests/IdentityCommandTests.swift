internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct IdentityCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        try home.putPrivate([1], as: "x")
    }

    private func isEnabled(_ command: String) throws -> Bool? {
        try object(try home.text("identity", command, "--json"))["isEnabled"] as? Bool
    }

    @Test func `switched off, the store reads and writes nothing`() throws {
        #expect(try isEnabled("show") == true)
        #expect(try isEnabled("disable") == false)
        #expect(try isEnabled("show") == false)
        let result = try home.sluice("get", "x", "--scope", "private", "--json")
        #expect(result.exitCode == 77)
        #expect(try errorCode(result) == "accessDenied")
        #expect(result.errorText.contains("sluice identity enable"))
        #expect(
            try home.sluice("put", "-", "--as", "y", "--scope", "private").exitCode == 77)
        let status = try object(try home.text("status", "--json"))
        #expect(status["isIdentityEnabled"] as? Bool == false)
        let states = try home.census().values
        #expect(states.allSatisfy { $0["isReadable"] as? Bool == false })
        #expect(
            states.allSatisfy {
                ($0["refusal"] as? [String: Any])?["code"] as? String == "identityDisabled"
            })
        #expect(try isEnabled("enable") == true)
        #expect(try home.getPrivate("x") == [1])
    }

    @Test func `its object id is the one that policies name`() throws {
        let id = try home.identity()
        let status = try object(try home.text("status", "--json"))
        #expect(status["identity"] as? String == id)
        #expect(try home.text("identity", "show").contains(id))
        #expect(try home.text("keyvault", "show", "--name", "default").contains(id))
    }

    @Test func `there is none without a store`() throws {
        let empty = try CommandHome()
        for command in ["show", "enable", "disable"] {
            #expect(try empty.sluice("identity", command).exitCode == 66)
        }
        #expect(empty.directory.files().isEmpty)
    }
}
