internal import ArgumentParser
internal import Sluice

/// `sluice backup`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", _superCommandName: SluiceCommand.name,
        abstract: "Copy the store as it is now, while it is used.",
        usage: "sluice backup <dir> [<options>]",
        discussion: """
            The copy is sealed like the store and holds no key: back up the vaults and the root \
            key, too, and elsewhere. Without them nothing can be read.

            EXAMPLE:
              sluice backup /mnt/backup/2026-01-31
            """)

    @Argument(help: "The directory to make.", completion: .directory)
    var directory: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.session.write { store, _ in
            try global.withProgress("backup") { line in
                try store.backup(to: directory, progress: line?.byteHandler)
            }
        }
        let output = global.output
        let vaults = try global.location().vaults
        try output.print(
            DirectoryDocument(directory: directory),
            text: "backed up to \(output.shown(directory)); "
                + "the keys in \(output.shown(vaults)) are not in it\n")
    }
}

/// Where a backup is, or was restored to, as `--json` prints it.
struct DirectoryDocument: Encodable {
    let directory: String
}
