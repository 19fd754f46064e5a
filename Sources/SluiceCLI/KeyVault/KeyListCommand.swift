internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key list`.
struct KeyListCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of a vault.",
        usage: "sluice keyvault key list [--vault-name <vault>] [<options>]")

    @OptionGroup var vault: VaultOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let keys = try global.withVaults(as: actor.identity) { try $0.keys(vault: vault.name) }
        try global.output.print(keys, text: keys.text)
    }
}
