internal import Sluice
internal import TestSupport
internal import Testing

@testable import SluiceCLI

@Suite struct CommandNameTests {
    @Test(arguments: [
        ["keyvault", "key", "release", "--vault-name", "v", "--name", "k"], ["nosuch", "--help"],
        ["help", "nosuch"], ["help", "keyvault", "nosuch"], ["--home", "x", "gte", "name"],
        ["--json", "--store=x", "puts", "x"], ["identity", "shwo"], ["nosuch"], [""],
        ["keyvault", "--json", "kye", "list"],
    ])
    func `a command that isn't there is called that`(arguments: [String]) {
        let failure = #expect(throws: Failure.self) { try CommandName.check(arguments) }
        #expect(failure?.exitCode == 64)
        #expect(failure?.code == "usage")
    }

    @Test(arguments: [
        [], ["--help"], ["--version"], ["help"], ["help", "put"], ["put", "nosuch"], ["ls", "gte"],
        ["keyvault"], ["keyvault", "key", "--help"], ["keyvault", "key", "show", "x"],
        ["--scope", "nosuch", "ls"], ["--nosuch", "x", "ls"], ["--home=x", "get", "y"],
        ["help", "put", "x"], ["--generate-completion-script", "bash"],
    ])
    func `what the parser understands is left to it`(arguments: [String]) throws {
        try CommandName.check(arguments)
    }

    @Test(arguments: [
        (["gte"], "`sluice get`"), (["keyvualt", "list"], "`sluice keyvault`"),
        (["stauts"], "`sluice status`"), (["keyvault", "key", "verify"], "`sluice verify`"),
        (["rotate"], "`sluice keyvault key rotate`"), (["scope", "lst"], "`sluice scope list`"),
    ])
    func `the command that comes near is named`(arguments: [String], near: String) {
        let failure = #expect(throws: Failure.self) { try CommandName.check(arguments) }
        let words = failure?.remedies.map(\.description) ?? []
        #expect(words.contains { $0.contains(near) })
    }

    @Test func `near is a letter or two away, or a beginning`() {
        for (name, given) in [
            ("get", "gte"), ("put", "pt"), ("verify", "verfiy"), ("status", "stat us"),
            ("rotation-policy", "rotation"), ("ls", "lss"),
        ] {
            #expect(CommandName.isNear(name, given), "\(given)")
        }
        for (name, given) in [("get", "put"), ("verify", "doctor"), ("rm", "scope"), ("rm", "")] {
            #expect(!CommandName.isNear(name, given), "\(given)")
        }
    }

    @Test func `the command says so, in JSON, too`() throws {
        let home = try CommandHome()
        for arguments in [["help", "nosuch"], ["keyvault", "key", "release", "--name", "k"]] {
            let result = try home.shell("\"$sluice\" \(arguments.joined(separator: " ")) --json")
            #expect(result.exitCode == 64)
            #expect(try errorCode(result) == "usage")
            #expect(result.output.isEmpty)
        }
    }
}
