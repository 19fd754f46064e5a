internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key backup`.
struct KeyBackupCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a key with all its versions to a sealed file.",
        usage: "sluice keyvault key backup --name <key> --file <file> [<options>]",
        discussion: """
            The file is sealed under the vaults' root key as it is now, and nobody can use it without \
            that: keep the root key, too, and elsewhere. It is made for its owner only, and never \
            replaces one.

            EXAMPLE:
              sluice keyvault key backup --vault-name default --name mine --file mine.key-backup
            """)

    @OptionGroup var key: KeyOptions
    @OptionGroup var backup: BackupFileOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        guard id.version == nil else {
            throw Failure(
                .invalidArgument, "a backup is of all versions of a key", about: .key(id),
                remedies: [.other("leave the version out")])
        }
        try backup.requireFree()
        let bytes = try global.withVaults(as: actor.identity) { vaults in
            try vaults.backupKey(vault: id.vault, name: id.name)
        }
        try backup.write(bytes)
        let output = global.output
        try output.print(
            FileDocument(file: backup.file),
            text: "backed up \(id) to \(output.shown(backup.file)), sealed under the root key\n")
    }
}

/// `sluice keyvault key restore`.
struct KeyRestoreCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a key of a backup, where there is none of its name.",
        usage: "sluice keyvault key restore --file <file> [<options>]",
        discussion: """
            The key comes back into the vault that it was in, with all its versions as they were when \
            the backup was made: one that was disabled or retired since is enabled again, and \
            `keyvault log` shows each (restoreEnabled). Policies are the vault's, and stay as they are.

            EXAMPLE:
              sluice keyvault key restore --vault-name default --file mine.key-backup
            """)

    @OptionGroup var vault: VaultOption
    @OptionGroup var backup: BackupFileOption
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let bytes = try backup.read()
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.restoreKey(
                vault: vault.name, from: bytes, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}
