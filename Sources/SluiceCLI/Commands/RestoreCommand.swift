internal import ArgumentParser
internal import Sluice

/// `sluice restore`.
struct RestoreCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", _superCommandName: SluiceCommand.name,
        abstract: "Make a store out of a backup.",
        usage: "sluice restore <dir> [<options>]",
        discussion: """
            There must be no store yet where --home or --store says. The vaults must be those \
            that the backed-up store had.

            EXAMPLE:
              sluice restore /mnt/backup/2026-01-31 --store /srv/store
            """)

    @Argument(help: "The directory that `backup` made.", completion: .directory)
    var directory: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let location = try global.location()
        try Store.restore(from: directory, to: location)
        let output = global.output
        let check = Advice(global).text(
            AdvisedCommand("verify", effect: "checks it, once its vaults are in place"))
        try output.print(
            DirectoryDocument(directory: location.store),
            text: "restored to \(output.shown(location.store)); \(check)\n")
    }
}
