internal import ArgumentParser
internal import Sluice

/// `sluice keyvault delete`.
struct KeyVaultDeleteCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a vault with all its keys, recoverably.",
        usage: "sluice keyvault delete --name <vault> [<options>]")

    @OptionGroup var vault: VaultNameOption
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.deleteVault(
                vault.name, waiting: confirmation.deadline)
        }
        let date = Timestamp(seconds: change.result.properties.scheduledPurgeDate).inTable
        try global.output.print(
            change.result,
            text: "deleted the vault \(change.result.name); until \(date) UTC "
                + Advice(global).text(.change(.recoverVault(change.result.name))) + "\n")
        try confirmation.check(change)
    }
}

/// `sluice keyvault list-deleted`.
struct KeyVaultListDeletedCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-deleted",
        abstract: "List the deleted vaults that can be recovered.",
        usage: "sluice keyvault list-deleted [<options>]")

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vaults = try global.withVaults(as: actor.identity) { try $0.deletedVaults() }
        var table = Table(
            .left, .left, .left, titles: ["NAME", "DELETED (UTC)", "PURGED (UTC)"])
        for vault in vaults {
            table.append([
                vault.name, Timestamp(seconds: vault.properties.deletionDate).inTable,
                Timestamp(seconds: vault.properties.scheduledPurgeDate).inTable,
            ])
        }
        try global.output.print(vaults, text: table.text)
    }
}

/// `sluice keyvault recover`.
struct KeyVaultRecoverCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring a deleted vault back, with its keys and policies.",
        usage: "sluice keyvault recover --name <vault> [<options>]")

    @OptionGroup var vault: VaultNameOption
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.recoverVault(
                vault.name, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}

/// `sluice keyvault purge`.
struct KeyVaultPurgeCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove a deleted vault for good, with all that its keys have sealed.",
        usage: "sluice keyvault purge --name <vault> [<options>]",
        discussion: """
            A vault with purge protection, as they are by default, refuses it; it goes by itself \
            when its time has come.
            """)

    @OptionGroup var vault: VaultNameOption
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.purgeVault(
                vault.name, waiting: confirmation.deadline)
        }
        try confirmation.check(change)
    }
}
