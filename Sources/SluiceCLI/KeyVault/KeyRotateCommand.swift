internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key rotate`.
struct KeyRotateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new version of a key, like the newest.",
        usage: "sluice keyvault key rotate --name <key> [<options>]",
        discussion: """
            Changes the vault and no store. What is sealed under the key without a version takes \
            the new one up by itself; old objects stay readable under their own.

            EXAMPLE:
              sluice keyvault key rotate --name mine
            """)

    @OptionGroup var key: KeyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.rotateKey(
                vault: id.vault, name: id.name, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}
