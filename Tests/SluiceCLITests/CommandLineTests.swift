internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct CommandLineTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `every command has help`() throws {
        let commands = [
            "", "put", "get", "ls", "stat", "rm", "cp", "mv", "verify", "status", "doctor",
            "backup", "restore", "init", "scope", "scope create", "scope list", "scope show",
            "scope delete",
            "keyvault",
            "keyvault create", "keyvault list", "keyvault key", "keyvault key create",
            "keyvault key import", "keyvault key list", "keyvault key list-versions",
            "keyvault key show", "identity", "identity show", "identity enable",
            "identity disable", "encryption", "encryption show", "encryption update", "rewrap",
            "barrier", "pin", "unpin", "pins", "snapshot", "versions", "undelete",
            "scope update", "set", "lease", "lease acquire", "lease renew", "lease release",
            "lease break", "hold", "keyvault root-key rotate", "keyvault passphrase set",
            "keyvault delete-policy", "keyvault set-policy",
        ]
        for command in commands {
            let result = try home.shell("\"$sluice\" \(command) --help")
            #expect(result.exitCode == 0)
            #expect(result.outputText.contains("USAGE: sluice \(command)"), "\(command)")
            #expect(result.outputText.split(separator: "\n").allSatisfy { $0.count <= 80 })
            #expect(result.errorText.isEmpty)
        }
    }

    @Test func `version and completion scripts are printed`() throws {
        #expect(try home.text("--version").hasPrefix("sluice "))
        for shell in ["bash", "zsh", "fish"] {
            let script = try home.sluice("--generate-completion-script", shell)
            #expect(script.exitCode == 0)
            #expect(script.outputText.contains("list-versions"))
        }
    }

    @Test func `the help's commands install completions for a new user`() throws {
        let help = try home.text("--help").components(separatedBy: "SHELL COMPLETIONS:\n")
        let section = try #require(help.last?.components(separatedBy: "\n\n").first)
        let lines = section.split(separator: "\n").map { line in
            let line = line.drop { $0 == " " }
            let shell = ["bash ", "zsh ", "fish "].first { line.hasPrefix($0) }
            return String(line.dropFirst(shell?.count ?? 0))
        }
        let script = ["set -e", #"sluice() { "$sluice" "$@"; }"#] + lines
        let result = try home.shell(script.joined(separator: "\n"))
        #expect(result.exitCode == 0, "\(result.errorText)")
        for name in [
            ".local/share/bash-completion/completions/sluice", ".zfunc/_sluice",
            ".config/fish/completions/sluice.fish",
        ] {
            #expect(home.files.exists(name), "\(name)")
        }
    }

    @Test func `global options go before the command or after`() throws {
        let other = home.files.path("other")
        let put = try home.sluice("--home", other, "put", "-", "--as", "x", input: [1])
        #expect(put.exitCode == 0, "\(put.errorText)")
        #expect(try home.bytes("get", "x", "--home", other) == [1])
        #expect(try home.sluice("get", "x").exitCode == 66)
        #expect(!home.directory.exists("store"))
    }

    @Test func `the home comes from SLUICE_HOME, or else the data directory`() throws {
        try home.put([1], as: "x")
        #expect(home.directory.exists("store"))
        #expect(home.directory.exists("vaults"))
        let script = "printf y | env -u SLUICE_HOME XDG_DATA_HOME=\"$PWD/data\" \"$sluice\" "
        #expect(try home.shell(script + "put - --as y").exitCode == 0)
        #expect(home.files.exists("data/sluice/store"))
    }

    @Test func `usage errors are 64, in text or JSON`() throws {
        let text = try home.sluice("get")
        #expect(text.exitCode == 64)
        #expect(text.errorText.hasPrefix("sluice: "))
        #expect(text.output.isEmpty)
        let document = try home.sluice("get", "--json")
        #expect(document.exitCode == 64)
        #expect(try errorCode(document) == "usage")
        #expect(try home.sluice("nonsense").exitCode == 64)
        #expect(try home.sluice("ls", "--scope", "Not A Scope").exitCode == 64)
    }

    @Test func `results that nobody reads end the command in silence`() throws {
        let result = try home.shell(
            #""$sluice" --help | true; (sleep 0.2; "$sluice" --help) | true; exit ${PIPESTATUS[0]}"#
        )
        #expect(result.exitCode == 74)
        #expect(result.errorText.isEmpty)
    }

    @Test func `results that can't be written are told`() throws {
        try home.put([1], as: "x")
        let result = try home.shell(#""$sluice" ls > /dev/full"#)
        #expect(result.exitCode == 74)
        #expect(!result.errorText.isEmpty)
    }
}
