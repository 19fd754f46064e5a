internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key show`.
struct KeyShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a key: its newest version, or the one that is named.",
        usage: "sluice keyvault key show --name <key> [--version <version>] [<options>]",
        discussion: """
            EXAMPLE:
              sluice keyvault key show --name mine --json
            """)

    @OptionGroup var key: KeyOptions

    @Option(name: [.customShort("v"), .long], help: "The version: 32 hexadecimal digits.")
    var version: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier(version: version)
        let bundle = try global.withVaults(as: actor.identity) { try $0.key(id) }
        try global.output.print(bundle, text: bundle.text)
    }
}
