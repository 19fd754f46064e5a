internal import Foundation
internal import TestSupport
internal import Testing

/// What the command advises, done as it says.
@Suite struct AdviceTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.put([1], as: "d/x")
    }

    /// The command lines that an error advises.
    private func lines(_ arguments: String) throws -> [String] {
        let result = try home.shell("\"$sluice\" \(arguments) --json")
        #expect(result.exitCode != 0, "\(arguments)")
        let error = try #require(try object(result.errorText)["error"] as? [String: Any])
        let remedies = try #require(error["remedies"] as? [[String: Any]])
        return remedies.compactMap { $0["command"] as? String }
    }

    /// Runs a line that was advised, as a shell takes it.
    @discardableResult
    private func run(_ line: String) throws -> CommandResult {
        let words = "sluice() { \"$sluice\" \"$@\"; }; "
        let result = try home.shell(words + line)
        #expect(result.exitCode == 0, "\(line): \(result.errorText)")
        return result
    }

    @Test func `a name that is a directory's is said to be that, with what works on it`() throws {
        #expect(try lines("rm d") == ["sluice rm -r d"])
        #expect(try lines("get d") == ["sluice get -r -o ./d d"])
        for command in ["mv d e", "cp d e", "stat d", "pin d"] {
            #expect(try lines(command) == ["sluice ls d/"], "\(command)")
        }
        #expect(try run("sluice ls d/").outputText == "d/x\n")
        try run("sluice get -r -o ./d d")
        #expect(try home.shell("cat d/x").output == [1])
        try run("sluice rm -r d")
        #expect(try home.text("ls") == "")
    }

    @Test func `what isn't there is looked for where it would be`() throws {
        #expect(try lines("stat nope") == ["sluice ls"])
        #expect(try lines("mv d/nope e") == ["sluice ls d/"])
        #expect(
            try lines("stat nope --scope private") == [
                "sluice scope list", "sluice scope create private",
            ])
    }

    @Test func `a line has the places that were given, as a shell takes them`() throws {
        let place = "--home \"it's a home\""
        let first = try lines("ls \(place)")
        #expect(first == ["sluice init --home 'it'\\''s a home'"])
        try run(#require(first.first))
        let missing = try lines("\(place) ls --scope private")
        #expect(missing.count == 2)
        for line in missing { try run(line) }
        try run("sluice ls --scope private --home \"it's a home\"")
    }

    @Test func `what takes access away is undone by the line that the refusal advises`() throws {
        try home.makePrivateScope()
        try home.putPrivate([7], as: "a")
        let id = "--vault-name default --name mine"
        for change in [
            "keyvault key set-attributes \(id) --enabled false", "keyvault key delete \(id)",
            "keyvault key set-attributes \(id) --ops sign", "keyvault delete --name default",
            "keyvault delete-policy --name default --key_id \(CommandHome.key)", "identity disable",
        ] {
            #expect(try home.shell("\"$sluice\" \(change)").exitCode == 0, "\(change)")
            // One operation at a time is found missing.
            for _ in 0..<3 where try home.getPrivate("a") == nil {
                let line = try #require(try lines("get a --scope private").first, "\(change)")
                try run(line)
            }
            #expect(try home.getPrivate("a") == [7], "\(change)")
            // For what comes next.
            let all = "keyvault key set-attributes \(id) --ops wrapKey unwrapKey"
            #expect(try home.shell("\"$sluice\" \(all)").exitCode == 0)
        }
    }

    @Test func `who does all that a refusal to retire advises, in its order, can retire`() throws {
        try home.makePrivateScope()
        try home.putPrivate([7], as: "a")
        let shown = try object(
            try home.text("keyvault", "key", "show", "--name", "mine", "--json"))
        let old = try #require((shown["key"] as? [String: Any])?["kid"] as? String)
        let advised = try lines("keyvault key retire --id \(old)")
        #expect(advised.count == 3)
        for line in advised { try run(line) }
        #expect(try home.sluice("keyvault", "key", "retire", "--id", old).exitCode == 0)
        #expect(try home.getPrivate("a") == [7])
    }

    @Test func `a version that is an identifier is pointed to the option that takes it`() throws {
        _ = try home.text("keyvault", "key", "create", "--name", "mine")
        for identifier in [CommandHome.key, CommandHome.key + "/0123456789abcdef0123456789abcdef"] {
            let result = try home.sluice(
                "keyvault", "key", "show", "--name", "mine", "--version", identifier)
            #expect(result.exitCode == 64)
            #expect(result.errorText.contains("--id"), "\(result.errorText)")
        }
    }

    @Test func `what a tree leaves out is named once`() throws {
        try home.put([3], as: "d/x/z")
        let tree = try home.sluice("get", "-r", "d", "-o", "out")
        #expect(tree.exitCode == 74, "\(tree.errorText)")
        #expect(tree.errorText.components(separatedBy: "d/x/z").count == 2, "\(tree.errorText)")
    }
}
