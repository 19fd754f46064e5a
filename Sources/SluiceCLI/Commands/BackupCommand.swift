internal import ArgumentParser
internal import Sluice

/// `sluice backup`.
struct BackupCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", _superCommandName: SluiceCommand.name,
        abstract: "Copy the store as it is now, while it is used.",
        usage: "sluice backup <dir> [--link] [<options>]",
        discussion: """
            The copy is sealed like the store and holds no key: back up the vaults and the root \
            key, too, and elsewhere. Without them nothing can be read.

            It is made beside <dir> as <dir>.unfinished-…, and has its name once it is whole and on \
            the disk. Cut short, it leaves that at most, which is no store and no backup: the next \
            backup to <dir> removes it. Blobs share their space with the store's where the file \
            system can do that (Btrfs, XFS), and are copies in any case.

            EXAMPLES:
              sluice backup /mnt/backup/2026-01-31
              sluice backup --link /srv/snapshots/today
            """)

    @Argument(help: "The directory to make.", completion: .directory)
    var directory: String

    @Flag(
        help: """
            Link the blobs instead of copying them, where both are on one file system: no space and \
            little time, but each is then one file with two names. Damage to it is damage to the store \
            and the backup, whoever overwrites it in one does so in both, and they share its mode and \
            owner.
            """)
    var link = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.session.write { store, _ in
            try global.withProgress("backup") { line in
                try store.backup(
                    to: directory, linksBlobs: link, progress: line?.byteHandler)
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
