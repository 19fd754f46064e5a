internal import ArgumentParser
internal import Sluice

/// `sluice keyvault passphrase`.
struct PassphraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase",
        abstract: "Seal the vaults' root key under a passphrase, another one, or none.",
        usage: "sluice keyvault passphrase <command> [<options>]",
        discussion: """
            The root key stays the same, so that nothing else is written and every process goes on. \
            Whoever has a copy of the files from before opens it with the passphrase, or the key file, \
            from then: `keyvault root-key rotate` changes the root key itself.
            """,
        subcommands: [
            PassphraseSetCommand.self, PassphraseChangeCommand.self, PassphraseRemoveCommand.self,
        ])
}

/// The file that holds a new passphrase.
struct NewPassphraseOption: ParsableArguments {
    @Option(
        name: .customLong("new-passphrase-file"),
        help: ArgumentHelp(
            "The file that holds the new passphrase, its one line.", valueName: "file"),
        completion: .file())
    var path: String

    func validate() throws {
        guard !path.isEmpty else { throw ValidationError("--new-passphrase-file is empty") }
    }

    var rootKey: RootKeySource { PassphraseFile(path: path).rootKey }
}

/// `sluice keyvault passphrase set`.
struct PassphraseSetCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Open the vaults with a passphrase from now on, not with a key file.",
        usage: "sluice keyvault passphrase set --new-passphrase-file <file> [<options>]",
        discussion: """
            HOME/vaults/root.key is overwritten and removed, as far as the file system allows. A key \
            file that --root-key names is not: it opens the vaults no more, but holds their root key, so \
            remove it, or keep it where nobody finds it.

            EXAMPLE:
              (umask 077; printf 'correct horse battery staple' > new.txt)
              sluice keyvault passphrase set --new-passphrase-file new.txt
              sluice ls --passphrase-file new.txt        or SLUICE_PASSPHRASE_FILE=new.txt
            """)

    @OptionGroup var new: NewPassphraseOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.seal(under: new.rootKey, "passphrase", as: actor.identity)
    }
}

/// `sluice keyvault passphrase change`.
struct PassphraseChangeCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Open the vaults with another passphrase from now on.",
        usage:
            "sluice keyvault passphrase change --passphrase-file <file> --new-passphrase-file <file> [<options>]",
        discussion: """
            EXAMPLE:
              sluice keyvault passphrase change --passphrase-file old.txt \\
                --new-passphrase-file new.txt
            """)

    @OptionGroup var new: NewPassphraseOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard case .passphrase = try global.rootKeySource() else {
            throw Failure(
                .invalidArgument, "this changes a passphrase, and none was given",
                remedies: [.choose(.passphrase)])
        }
        try global.seal(under: new.rootKey, "passphrase", as: actor.identity)
    }
}

/// `sluice keyvault passphrase remove`.
struct PassphraseRemoveCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Open the vaults with a key file from now on, not with a passphrase.",
        usage: "sluice keyvault passphrase remove --passphrase-file <file> [<options>]",
        discussion: """
            EXAMPLE:
              sluice keyvault passphrase remove --passphrase-file old.txt
            """)

    @Option(
        name: .customLong("new-root-key"),
        help: ArgumentHelp(
            "The key file to make, if it isn't to be vaults/root.key.", valueName: "file"),
        completion: .file())
    var path: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard path?.isEmpty != true else { throw ValidationError("--new-root-key is empty") }
    }

    func run() throws {
        try global.seal(under: .file(path: path), "keyFile", as: actor.identity)
    }
}

extension GlobalOptions {
    private struct Document: Encodable {
        let sealedUnder: String
    }

    /// Has the root key of the vaults be come by in another way.
    fileprivate func seal(
        under source: RootKeySource, _ kind: String, as identity: Identity
    ) throws {
        try withVaults(as: identity) { try $0.sealRootKey(under: source) }
        let way = kind == "passphrase" ? "the new passphrase" : "the key file"
        try output.print(
            Document(sealedUnder: kind), text: "the vaults are opened with \(way) from now on\n")
    }
}
