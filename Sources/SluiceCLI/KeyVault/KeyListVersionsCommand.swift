internal import ArgumentParser
internal import Sluice

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
