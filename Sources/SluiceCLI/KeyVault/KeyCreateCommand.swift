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
              sluice keyvault key create --name signer --kty EC --curve P-384

            Stores can be under RSA keys of 2048 bits.
            """)

    @OptionGroup var key: KeyOptions

    @Option(help: ArgumentHelp("The key type: RSA or EC.", valueName: "type"))
    var kty: String = "RSA"

    @Option(
        help: ArgumentHelp(
            "The bits of an RSA key: 2048, 3072 or 4096. (default: 2048)", valueName: "bits"))
    var size: Int?

    @Option(
        help: ArgumentHelp(
            "The curve of an EC key: P-256, P-384, P-521 or P-256K. (default: P-256)",
            valueName: "curve"))
    var curve: String?

    @OptionGroup var options: KeySettingsOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let kind = try KeyKind(keyType: kty, bitCount: size, curve: curve)
        let settings = try options.settings(for: id)
        let tags = try options.tags.dictionary(of: "--tags")
        let bundle = try global.withVaultsToFill(as: actor.identity) { vaults in
            try VaultOption.filling(id.vault, of: vaults) {
                try vaults.createKey(
                    vault: id.vault, name: id.name, kind: kind, tags: tags, settings: settings)
            }
        }
        try global.output.print(bundle, text: bundle.text)
    }
}
