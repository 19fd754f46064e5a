internal import Sluice

/// Remedies as the command tells them: as lines that can be pasted, with the options that the user gave.
struct Advice: Sendable {
    private let options: GlobalOptions?

    /// Advice to whoever gave these options; nil if it isn't known yet which those are.
    init(_ options: GlobalOptions?) {
        self.options = options
    }

    /// What went wrong, and what to do about it.
    func message(_ reason: String, _ remedies: [Remedy]) -> String {
        ErrorDetails.message(reason, remedies.map(text))
    }

    /// The message of an error.
    func message(_ error: some RemediableError) -> String {
        message(error.reason, error.remedies)
    }

    /// A remedy for people: a command line and what it does, or what to do.
    func text(_ remedy: Remedy) -> String {
        remedy.command.map(text) ?? Self.words(remedy)
    }

    /// A command line and what it does.
    func text(_ command: AdvisedCommand) -> String { "`\(line(command))` \(command.effect)" }

    /// The command line that carries a remedy out; nil if none does.
    func line(_ remedy: Remedy) -> String? { remedy.command.map(line) }

    private func line(_ command: AdvisedCommand) -> String {
        command.words(with: options).map(ShellWord.quoted).joined(separator: " ")
    }

    /// What no line does, with the options that do it.
    private static func words(_ remedy: Remedy) -> String {
        switch remedy {
        case .choose(let choice): words(choice)
        case .machine(.raise(let limit)):
            "\(remedy.description.replacing(", and", with: " (`ulimit \(option(limit))`), and"))"
        case .machine(.installFIPSModule):
            "install OpenSSL's FIPS module and configure it with `openssl fipsinstall`, as fips_module(7) says"
        case .run(.getAlone): "get it by itself, with -o"
        case .run(.restoreKey(let vault)):
            "restore it with `sluice keyvault key restore --vault-name \(ShellWord.quoted(vault))`"
        case .run(.restoreVault): "restore it with `sluice keyvault restore`"
        case .run(.restoreApart):
            "restore it in a new --home, with --root-key or --passphrase-file as they were when it was made"
        case .restoreBackup: "restore a backup, of which `sluice restore` makes a new store"
        default: remedy.description
        }
    }

    private static func words(_ choice: Remedy.Choice) -> String {
        switch choice {
        case .newDirectory:
            "name a directory that doesn't exist yet; a restore takes it from --home or --store"
        case .backup: "name the directory that `sluice backup` has made"
        case .store: "--home or --store says where it is"
        case .vaults: "name the vaults that the store was made with, with --vaults"
        case .rootKey: "name the right file, with --root-key"
        case .passphrase: "give it in a file, with --passphrase-file"
        case .noPassphrase: "leave --passphrase-file and SLUICE_PASSPHRASE_FILE out"
        case .owner: "run it without --as"
        case .largerChunks: "use a larger --chunk-size"
        case .pipe: "send the bytes through a pipe, as with `| cat`"
        case .anyModule: "leave --require-fips out"
        case .lease: "give its id with --lease"
        case .removingOthers: "add --delete, which removes it, and whatever else the source hasn't"
        case .removingAll: "--dry-run says what would go; add --yes if that is meant"
        case .file, .linkTarget, .otherName, .otherKey, .localDisk: choice.description
        }
    }

    private static func option(_ limit: Remedy.ProcessLimit) -> String {
        switch limit {
        case .openFiles: "-n"
        case .processes: "-u"
        case .memory: "-v"
        case .fileSize: "-f"
        }
    }
}
