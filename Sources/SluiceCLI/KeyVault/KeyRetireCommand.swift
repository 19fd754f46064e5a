internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key retire`.
struct KeyRetireCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Disable a version of a key, if no object needs it any more.",
        usage: "sluice keyvault key retire --id <key-id> [<options>]",
        discussion: """
            Asks every store that the key's vault knows, wherever it was opened, copies too. If one \
            still needs the version, says how many data keys and where, and disables nothing: `sluice \
            rewrap` wraps them under the current version. A copy that was never opened isn't known.

            EXAMPLE:
              sluice keyvault key retire --name mine --version 0123456789abcdef0123456789abcdef
            """)

    @OptionGroup var key: KeyOptions
    @Option(name: [.customShort("v"), .long], help: "The version: 32 hexadecimal digits.")
    var version: String?
    @Option(
        help: ArgumentHelp(
            "Forget a store that is gone for good from this place, or was moved.", valueName: "dir")
    )
    var forgetStore: String?
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier(version: version)
        let (change, bundle) = try global.session.write { store, _ in
            let change = try store.retireKeyVersion(
                id, forgetting: forgetStore, waitingSeconds: confirmation.wait,
                as: actor.identity)
            return (change, try store.vaults.acting(as: .owner).key(id))
        }
        try global.output.print(bundle, text: bundle.text)
        try confirmation.check(change)
    }
}
