internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key list`.
struct KeyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of a vault.",
        usage: "sluice keyvault key list [--vault-name <vault>] [<options>]")

    @OptionGroup var vault: VaultOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let keys = try global.withVaults { try $0.keys(vault: vault.name) }
        try global.output.print(keys, text: keys.text)
    }
}

/// `sluice keyvault key list-versions`.
struct KeyListVersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-versions",
        abstract: "List the versions of a key.",
        usage: "sluice keyvault key list-versions --name <key> [<options>]")

    @OptionGroup var vault: VaultOption
    @OptionGroup var key: KeyNameOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let versions = try global.withVaults { vaults in
            try vaults.keyVersions(vault: vault.name, name: key.name)
        }
        try global.output.print(versions, text: versions.text)
    }
}

/// `sluice keyvault key show`.
struct KeyShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a key: its newest version, or the one that is named.",
        usage: "sluice keyvault key show --name <key> [--version <version>] [<options>]",
        discussion: """
            EXAMPLE:
              sluice keyvault key show --name mine --json
            """)

    @OptionGroup var vault: VaultOption
    @OptionGroup var key: KeyNameOption

    @Option(name: [.customShort("v"), .long], help: "The version: 32 hexadecimal digits.")
    var version: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try KeyIdentifier(vault: vault.name, name: key.name, version: version)
        let bundle = try global.withVaults { try $0.key(id) }
        try global.output.print(bundle, text: bundle.text)
    }
}
