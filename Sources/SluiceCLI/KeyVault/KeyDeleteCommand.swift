internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key delete`.
struct KeyDeleteCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a key, recoverably.",
        usage: "sluice keyvault key delete --name <key> [<options>]",
        discussion: """
            What it has sealed can't be read until it is recovered. With a version in --id only \
            that version is deleted; Azure Key Vault deletes all versions of a key at once.

            EXAMPLE:
              sluice keyvault key delete --vault-name default --name mine
            """)

    @OptionGroup var key: KeyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.deleteKey(id, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text(id, Advice(global)))
        try confirmation.check(change)
    }
}

/// `sluice keyvault key list-deleted`.
struct KeyListDeletedCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-deleted",
        abstract: "List the deleted keys of a vault that can be recovered.",
        usage: "sluice keyvault key list-deleted [--vault-name <vault>] [<options>]")

    @OptionGroup var vault: VaultOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let keys = try global.withVaults(as: actor.identity) {
            try $0.deletedKeys(vault: vault.name)
        }
        var table = Table(
            .left, .left, .left, titles: ["KID", "DELETED (UTC)", "PURGED (UTC)"])
        for key in keys {
            table.append([
                key.kid.description, Timestamp(seconds: key.deletedDate).inTable,
                Timestamp(seconds: key.scheduledPurgeDate).inTable,
            ])
        }
        try global.output.print(keys, text: table.text)
    }
}

/// `sluice keyvault key recover`.
struct KeyRecoverCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring a deleted key back.",
        usage: "sluice keyvault key recover --name <key> [<options>]")

    @OptionGroup var key: KeyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.recoverKey(id, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}

/// `sluice keyvault key purge`.
struct KeyPurgeCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove a deleted key for good, with all that it has sealed.",
        usage: "sluice keyvault key purge --name <key> [<options>]",
        discussion: """
            A vault with purge protection, as they are by default, refuses it; deleted keys go by \
            themselves when their time has come.
            """)

    @OptionGroup var key: KeyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.purgeKey(id, waiting: confirmation.deadline)
        }
        try confirmation.check(change)
    }
}

extension DeletedKeyBundle {
    /// The deleted key, or version, for people.
    fileprivate func text(_ id: KeyIdentifier, _ advice: Advice) -> String {
        let date = Timestamp(seconds: scheduledPurgeDate).inTable
        var text = "deleted \(id)\n"
        if let note { text += "note: \(note)\n" }
        return text + "until \(date) UTC \(advice.text(.change(.recover(id))))\n"
    }
}
