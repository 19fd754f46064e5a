internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key list-versions`.
struct KeyListVersionsCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-versions",
        abstract: "List the versions of a key.",
        usage: "sluice keyvault key list-versions --name <key> [<options>]")

    @OptionGroup var key: KeyOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let versions = try global.withVaults(as: actor.identity) { vaults in
            try vaults.keyVersions(vault: id.vault, name: id.name)
        }
        try global.output.print(versions, text: versions.text)
    }
}
