internal import ArgumentParser

/// The root of the commands.
struct SluiceCommand: GlobalCommand {
    /// The command's name.
    ///
    /// A command that names it as what it belongs to, and is parsed by itself, starts a millisecond
    /// sooner: the parser then doesn't look whether a completion script is asked for.
    static let name = "sluice"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Put and get files, sealed under a key you hold.",
        usage: "sluice <command> [<options>] [<arguments>]",
        discussion: """
            A store keeps named objects. Each is sealed with AES-256-GCM under a key of its own, \
            which is wrapped under an RSA key in a vault. Names and metadata are sealed, too. \
            The first `put`, or `init`, makes the store and the vaults.

            EXAMPLES:
              sluice put report.pdf                    store a file as `report.pdf`
              sluice put -r src --prefix backup        store a tree below `backup/src/`
              pg_dump app | sluice put - --as app.sql  store what a pipe delivers
              sluice ls -l backup/src/                 list a directory
              sluice get report.pdf -o copy.pdf        get it back: whole, or not at all
              sluice get app.sql | psql app            get it into a pipe
              sluice get -r backup/src -o src          get a tree back
              sluice verify                            authenticate everything

            KEYS:
              sluice keyvault key create --name mine   make a key of your own,
              sluice identity show                     see who the store is,
              sluice keyvault set-policy --name default --object-id <object-id> \\
                --key-permissions get wrapKey unwrapKey
                                                       let it use the key,
              sluice scope create private --key https://default.vault.localhost/keys/mine
              sluice --scope private put report.pdf    and put under it
              sluice keyvault key rotate --name mine   rotate the key, in constant time,
              sluice --scope private rewrap            bring old objects under the new version
              sluice status                            see that nothing needs the old one,
              sluice keyvault delete-policy --name default \\
                --key_id https://default.vault.localhost/keys/mine
                                                       and stop every reader, at once

            FILES:
              HOME/store    sealed objects and the catalog
              HOME/vaults   keys, sealed under the root key HOME/vaults/root.key
              HOME is --home, or else SLUICE_HOME, $XDG_DATA_HOME/sluice or
              ~/.local/share/sluice. Whoever has both can read the objects; --vaults
              and --root-key keep them apart.

            ENVIRONMENT:
              SLUICE_HOME, SLUICE_ROOT_KEY, SLUICE_PASSPHRASE_FILE
                            as --home, --root-key, --passphrase-file, which go before them

            EXIT STATUS:
              0    done
              64   wrong usage, name or range
              65   what is stored fails to authenticate, or a newer version made it
              66   no such file, object, scope or key
              69   the vault, its root key or the FIPS provider can't be used
              70   an error of sluice itself
              73   can't create, exists already, or isn't as asked: --if-match, leases, holds
              74   reading or writing failed, something in a tree was left out,
                   the disk is full, the pipe is closed
              75   busy, not confirmed, or the outcome is not known: try again
              77   access to the key is denied
              129, 130, 143
                   ended by SIGHUP, Ctrl-C or SIGTERM; what wrote has cleaned up behind itself.
                   The second signal ends it at once
              A command that goes on after an error exits as the first one says; of verify, damage
              goes before what could not be verified.

            SHELL COMPLETIONS:
              bash   mkdir -p ~/.local/share/bash-completion/completions
                     sluice --generate-completion-script bash \\
                       > ~/.local/share/bash-completion/completions/sluice
              zsh    mkdir -p ~/.zfunc
                     sluice --generate-completion-script zsh > ~/.zfunc/_sluice
                     # with this in ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)
              fish   mkdir -p ~/.config/fish/completions
                     sluice --generate-completion-script fish \\
                       > ~/.config/fish/completions/sluice.fish
            """,
        version: "sluice 0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Objects",
                subcommands: [
                    PutCommand.self, GetCommand.self, ListCommand.self, StatCommand.self,
                    SetCommand.self, RemoveCommand.self, CopyCommand.self, MoveCommand.self,
                    SnapshotCommand.self, VersionsCommand.self, UndeleteCommand.self,
                    LeaseCommand.self, HoldCommand.self,
                ]),
            CommandGroup(
                name: "Store",
                subcommands: [
                    InitCommand.self, VerifyCommand.self, StatusCommand.self, DoctorCommand.self,
                    BackupCommand.self, RestoreCommand.self,
                ]),
            CommandGroup(
                name: "Keys",
                subcommands: [
                    ScopeCommand.self, EncryptionCommand.self, IdentityCommand.self,
                    RewrapCommand.self, PinCommand.self, UnpinCommand.self, PinsCommand.self,
                    BarrierCommand.self, KeyVaultCommand.self,
                ]),
            CommandGroup(name: "Service", subcommands: [ServeCommand.self, AzureCommand.self]),
        ])

    @OptionGroup var global: GlobalOptions

    /// The command of that name, if it has none below it.
    static func command(named name: String?) -> (any ParsableCommand.Type)? {
        configuration.groupedSubcommands.lazy.flatMap(\.subcommands).first { command in
            command.configuration.commandName == name && command.configuration.subcommands.isEmpty
        }
    }
}
