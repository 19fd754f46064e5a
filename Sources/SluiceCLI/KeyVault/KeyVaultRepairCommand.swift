internal import ArgumentParser
internal import Sluice

/// `sluice keyvault repair`.
struct KeyVaultRepairCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Take out of a vault's database what doesn't belong there.",
        usage: "sluice keyvault repair --name <vault> [<options>]",
        discussion: """
            For a vault that is refused because somebody has put a trigger, a view, an index or a \
            table into its database, or taken an index away. Nothing that the vault holds is changed: \
            look at it afterwards, for who could do the one could do the other.
            """)

    @OptionGroup var vault: VaultNameOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    private struct Document: Encodable {
        let removed: [String]
    }

    func run() throws {
        let removed = try global.withVaults(as: actor.identity) {
            try $0.repairVault(vault.name)
        }
        let lines = removed.map { "removed \($0)\n" }.joined()
        try global.output.print(
            Document(removed: removed),
            text: lines + "the vault '\(vault.name)' can be used: "
                + Advice(global).text(
                    AdvisedCommand(
                        "keyvault", "show", "--name", vault.name, effect: "shows what it says"))
                + "\n")
    }
}
