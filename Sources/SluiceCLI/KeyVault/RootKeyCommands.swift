internal import ArgumentParser
internal import Sluice

/// `sluice keyvault root-key`.
struct RootKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "root-key",
        abstract: "The root key, under which all vaults are sealed.",
        usage: "sluice keyvault root-key <command> [<options>]",
        subcommands: [RootKeyRotateCommand.self])
}

/// `sluice keyvault root-key rotate`.
struct RootKeyRotateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give the vaults another root key.",
        usage: "sluice keyvault root-key rotate --yes [<options>]",
        discussion: """
            All that the old root key has sealed is sealed anew, vault by vault. Cut short at any \
            moment, it is finished by whoever opens the vaults next. Processes that use them go on.

            The new root key is where the old one was: in the key file, or sealed under the passphrase. \
            Copies of the key file elsewhere are to be made anew. Whoever has had the old root key and \
            the vaults' files has the keys: rotate those, too.

            Backups of keys and vaults that were made before need the old root key, which is gone then: \
            keep a copy of the key file (with a passphrase, that and the file root.check) as long as \
            you keep them, or make new ones. Without --yes nothing is done.

            EXAMPLES:
              cp -a ~/.local/share/sluice/vaults/root.key /media/usb/root.key.old
              sluice keyvault root-key rotate --yes
              sluice keyvault root-key rotate --yes --passphrase-file /run/passphrase
            """)

    @Flag(help: "Rotate it; without this, say only what that means.")
    var yes = false

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard yes else {
            throw Failure(
                .invalidArgument,
                "backups of keys and vaults that were made before need the old root key, which a rotation "
                    + "replaces; nothing was done",
                remedies: [
                    .other("keep a copy of the old one, or make new backups afterwards"),
                    .other("add --yes"),
                ])
        }
        let rotation = try global.withVaults(as: actor.identity) { try $0.rotateRootKey() }
        let versions = rotation.keyVersionCount == 1 ? "key version" : "key versions"
        let vaults = rotation.vaults.count == 1 ? "vault" : "vaults"
        try global.output.print(
            rotation,
            text:
                "sealed \(rotation.keyVersionCount) \(versions) in \(rotation.vaults.count) \(vaults) under a new root key; "
                + "backups from before need the old one\n")
    }
}
