internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key create`.
struct KeyCreateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key, or a new version of it.",
        usage: "sluice keyvault key create --name <key> [<options>]",
        discussion: """
            EXAMPLES:
              sluice keyvault key create --vault-name default --name mine
              sluice keyvault key create --name mine --expires 2028-01-31 \\
                --ops wrapKey unwrapKey --tags team=blue
            """)

    @OptionGroup var key: KeyOptions

    @Option(help: ArgumentHelp("The key type: RSA.", valueName: "type"))
    var kty: String = "RSA"

    @Option(help: ArgumentHelp("The key's bits: 2048.", valueName: "bits"))
    var size: Int = 2048

    @OptionGroup var options: KeySettingsOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let settings = try options.settings(for: id)
        let tags = try options.tags.dictionary(of: "--tags")
        let bundle = try global.withVaultsToFill(as: actor.identity) { vaults in
            try vaults.withDefaultVault(id.vault) {
                try vaults.createKey(
                    vault: id.vault, name: id.name, tags: tags, keyType: kty, bitCount: size,
                    settings: settings)
            }
        }
        try global.output.print(bundle, text: bundle.text)
    }
}
