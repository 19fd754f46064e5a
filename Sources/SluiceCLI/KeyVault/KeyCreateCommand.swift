internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key create`.
struct KeyCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key, or a new version of it.",
        usage: "sluice keyvault key create --name <key> [<options>]",
        discussion: """
            EXAMPLE:
              sluice keyvault key create --vault-name default --name mine
            """)

    @OptionGroup var key: KeyOptions

    @Option(help: ArgumentHelp("The key type: RSA.", valueName: "type"))
    var kty: String = "RSA"

    @Option(help: ArgumentHelp("The key's bits: 2048.", valueName: "bits"))
    var size: Int = 2048

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Notes of yours.", valueName: "key=value"))
    var tags: [KeyValueArgument] = []

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let bundle = try global.withVaults { vaults in
            try vaults.withDefaultVault(id.vault, as: actor.identity) {
                try vaults.createKey(
                    vault: id.vault, name: id.name, tags: tags.dictionary, keyType: kty,
                    bitCount: size, as: actor.identity)
            }
        }
        try global.output.print(bundle, text: bundle.text)
    }
}
