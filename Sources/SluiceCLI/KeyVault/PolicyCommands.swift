internal import ArgumentParser
internal import Sluice

/// `sluice keyvault set-policy`.
struct SetPolicyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-policy",
        abstract: "Say what an identity may do with the keys of a vault.",
        usage: """
            sluice keyvault set-policy --name <vault> --object-id <id> --key-permissions <permission> ...
            """,
        discussion: """
            The permissions replace those that the identity has. A store needs get, wrapKey and \
            unwrapKey; `all` stands for all there are.

            EXAMPLE:
              sluice keyvault set-policy --name default --object-id alice \\
                --key-permissions get list
            """)

    @OptionGroup var vault: VaultNameOption

    @Option(help: ArgumentHelp("The identity.", valueName: "id"))
    var objectId: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What it may do.", valueName: "permission"))
    var keyPermissions: [KeyOperationArgument]

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.setAccessPolicy(
                vault: vault.name, for: Identity(objectID: objectId),
                permissions: keyPermissions.operations, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}

/// `sluice keyvault delete-policy`.
struct DeletePolicyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-policy",
        abstract: "Take what an identity may do with the keys of a vault.",
        usage: """
            sluice keyvault delete-policy --name <vault> --object-id <id> [<options>]
            sluice keyvault delete-policy --name <vault> --key_id <key-id> [<options>]
            """,
        discussion: """
            With --key_id the identity is that of the store, whose access to that key ends.

            EXAMPLE:
              sluice keyvault delete-policy --name default \\
                --key_id https://default.vault.localhost/keys/mine
            """)

    @OptionGroup var vault: VaultNameOption

    @Option(help: ArgumentHelp("The identity.", valueName: "id"))
    var objectId: String?

    @Option(
        name: [.customLong("key_id"), .customLong("key-id")],
        help: ArgumentHelp("A key that the store uses.", valueName: "key-id"),
        transform: KeyIdentifier.parse)
    var keyID: KeyIdentifier?

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (objectId == nil) != (keyID == nil) else {
            throw ValidationError("name the identity with either --object-id or --key_id")
        }
        guard let keyID else { return }
        guard vault.name.lowercased() == keyID.vault else {
            throw ValidationError("--name '\(vault.name)' is not the vault in --key_id")
        }
    }

    func run() throws {
        let subject =
            try objectId.map(Identity.init(objectID:)) ?? global.session.read { $0.identity }
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.deleteAccessPolicy(
                vault: vault.name, for: subject, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}
