internal import ArgumentParser
internal import Sluice

/// `sluice keyvault backup`.
struct KeyVaultBackupCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a vault with its keys and policies to a sealed file.",
        usage: "sluice keyvault backup --vault-name <vault> --file <file> [<options>]",
        discussion: """
            The file is sealed under the vaults' root key as it is now, and nobody can use it without \
            that: keep the root key, too, and elsewhere (with a passphrase, that and the file \
            HOME/vaults/root.check). The vault `platform` holds the platform's key, and who is \
            switched off.

            EXAMPLE:
              sluice keyvault backup --vault-name default --file default.vault-backup
            """)

    @Option(
        name: [.customShort("n"), .customLong("vault-name"), .customLong("name")],
        help: ArgumentHelp("The vault.", valueName: "vault"))
    var name: String

    @OptionGroup var backup: BackupFileOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try backup.requireFree()
        let bytes = try global.withVaults(as: actor.identity) { try $0.backupVault(name) }
        try backup.write(bytes)
        let output = global.output
        try output.print(
            FileDocument(file: backup.file),
            text:
                "backed up the vault '\(name)' to \(output.shown(backup.file)), sealed under the root key\n"
        )
    }
}

/// `sluice keyvault restore`.
struct KeyVaultRestoreCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a vault of a backup, where there is none of its name.",
        usage: "sluice keyvault restore --file <file> [<options>]",
        discussion: """
            Everything is as it was when the backup was made, policies too: whoever was revoked since \
            has access again, and a version that was disabled since is enabled. `keyvault log` shows \
            each (restoreEnabled). Of what was made in the vault since then nothing is there: neither \
            keys nor scopes.

            EXAMPLE:
              sluice keyvault restore --file default.vault-backup
            """)

    @OptionGroup var backup: BackupFileOption
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let bytes = try backup.read()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.restoreVault(from: bytes, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}
