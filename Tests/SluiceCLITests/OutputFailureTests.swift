internal import ArgumentParser
internal import Foundation
internal import TestSupport
internal import Testing

@testable import SluiceCLI

/// Results that can't be written, for every command.
@Suite struct OutputFailureTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    private static let lease = "00000000-0000-0000-0000-000000000001"

    /// How each command is run so that it prints something, in an order in which each finds what it needs.
    private static let lines = [
        ("init", "init"), ("put", "put f"), ("put", "put -r t"), ("put", "put - --as p < f"),
        ("put", "put --as c --from-command -- echo x"), ("get", "get f"), ("get", "get f -o copy"),
        ("get", "get -r t -o tree"), ("ls", "ls"), ("ls", "ls -l"), ("ls", "ls --ids"),
        ("stat", "stat f"), ("set", "set f --meta a=b"), ("cp", "cp f g"), ("mv", "mv g h"),
        ("rm", "rm h"),
        ("verify", "verify"), ("status", "status"), ("doctor", "doctor"),
        ("backup", "backup backup"), ("restore", "restore backup --store restored"),
        ("identity show", "identity show"), ("identity disable", "identity disable"),
        ("identity enable", "identity enable"), ("keyvault create", "keyvault create -n own"),
        ("keyvault list", "keyvault list"), ("keyvault show", "keyvault show -n own"),
        ("keyvault key create", "keyvault key create --vault-name own -n k"),
        ("keyvault key import", "keyvault key import --vault-name own -n i --pem-file key.pem"),
        (
            "keyvault set-policy",
            "keyvault set-policy -n own --object-id $id --key-permissions get wrapKey unwrapKey"
        ),
        ("scope create", "scope create s --key https://own.vault.localhost/keys/k"),
        ("scope list", "scope list"), ("scope show", "scope show s"),
        ("encryption show", "encryption show --scope s"),
        ("encryption update", "encryption update --scope s --rewrap onRead"),
        ("scope update", "scope update s --versions false"),
        ("scope delete", "scope delete s"),
        ("keyvault key list", "keyvault key list --vault-name own"),
        ("keyvault key list-versions", "keyvault key list-versions --vault-name own -n k"),
        ("keyvault key show", "keyvault key show --vault-name own -n k"),
        ("keyvault key rotate", "keyvault key rotate --vault-name own -n k"),
        (
            "keyvault key set-attributes",
            "keyvault key set-attributes --vault-name own -n k --enabled true"
        ),
        (
            "keyvault key rotation-policy show",
            "keyvault key rotation-policy show --vault-name own -n k"
        ),
        ("keyvault key backup", "keyvault key backup --vault-name own -n k --file k.backup"),
        ("keyvault backup", "keyvault backup -n own --file own.backup"),
        ("keyvault root-key rotate", "keyvault root-key rotate --yes"),
        ("rewrap", "rewrap --scope s"), ("pin", "pin f"), ("pins", "pins"),
        ("snapshot", "snapshot f"), ("versions", "versions f"),
        ("lease acquire", "lease acquire f --id \(lease)"),
        ("lease renew", "lease renew f --lease \(lease)"),
        ("lease break", "lease break f"), ("hold", "hold f off"),
        ("barrier", "barrier"), ("keyvault log", "keyvault log -n own"),
        ("keyvault key delete", "keyvault key delete --vault-name own -n i"),
        ("keyvault key list-deleted", "keyvault key list-deleted --vault-name own"),
        ("keyvault key recover", "keyvault key recover --vault-name own -n i"),
        ("keyvault delete-policy", "keyvault delete-policy -n own --object-id $id"),
        ("keyvault delete", "keyvault delete -n own"),
        ("keyvault list-deleted", "keyvault list-deleted"),
        ("keyvault recover", "keyvault recover -n own"),
    ]

    /// Commands that would need more than a line before them; they print as their siblings do.
    private static let others: Set = [
        "unpin", "undelete", "lease release", "keyvault purge", "keyvault repair",
        "keyvault key purge",
        "keyvault key retire",
        "keyvault key rotation-policy update", "keyvault key restore", "keyvault restore",
        "keyvault passphrase set", "keyvault passphrase change", "keyvault passphrase remove",
        // Another program prints: AzureCommandTests.
        "serve", "azure",
    ]

    private func leaves(
        of command: any ParsableCommand.Type = SluiceCommand.self, _ words: [String] = []
    ) -> [String] {
        let children = command.configuration.subcommands
        guard !children.isEmpty else { return [words.joined(separator: " ")] }
        return children.flatMap { leaves(of: $0, words + [$0.configuration.commandName ?? ""]) }
    }

    @Test func `every command says that its result can't be written`() throws {
        #expect(Set(leaves()) == Set(Self.lines.map(\.0)).union(Self.others))
        try home.files.write([1], to: "f")
        try home.files.write([1], to: "t/x")
        #expect(
            try home.shell("\"$sluice\" init > log; openssl genrsa -out key.pem 2048").exitCode == 0
        )
        for (command, line) in Self.lines {
            for option in ["", "--json "] where option.isEmpty || Self.isRepeatable(command) {
                let words = line.replacing(
                    command, with: "\(command) \(option)", maxReplacements: 1)
                let result = try home.shell(
                    """
                    id=$("$sluice" identity show --json | sed -n 's/.*"objectId" : "\\(.*\\)".*/\\1/p')
                    "$sluice" \(words) > /dev/full
                    """)
                #expect(result.exitCode == 74, "\(words): \(result.errorText)")
                #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
            }
        }
    }

    /// Whether a command prints a result the second time, too.
    private static func isRepeatable(_ command: String) -> Bool {
        ["ls", "stat", "verify", "status", "doctor", "pins", "versions", "barrier"].contains(
            command)
            || command.hasSuffix("show") || command.hasSuffix("list")
    }

    @Test func `help, the version and completion scripts that can't be written are told`() throws {
        // What another program prints is in AzureCommandTests.
        let own = leaves().filter { !["serve", "azure"].contains($0) }
        let help = (own + ["", "keyvault", "keyvault key", "scope"]).map { "\($0) --help" }
        let rest = [
            "", "help", "help put", "--version", "keyvault", "identity",
            "--generate-completion-script bash", "--generate-completion-script zsh",
            "--generate-completion-script fish",
        ]
        for arguments in help + rest {
            let result = try home.shell("\"$sluice\" \(arguments) > /dev/full")
            #expect(result.exitCode == 74, "\(arguments)")
            #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
        }
    }

    @Test func `a result that nobody reads ends every command in silence`() throws {
        try home.put([1], as: "x")
        for arguments in ["ls", "ls -l", "status", "stat x", "get x", "doctor", "--help"] {
            let result = try home.shell(
                "mkfifo pipe; (: < pipe) & exec 3> pipe; wait; \"$sluice\" \(arguments) >&3")
            #expect(result.exitCode == 74, "\(arguments)")
            #expect(result.errorText.isEmpty, "\(result.errorText)")
            #expect(try home.shell("rm pipe").exitCode == 0)
        }
    }
}
