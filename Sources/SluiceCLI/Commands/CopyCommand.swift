internal import ArgumentParser
internal import Sluice

/// `sluice cp`.
struct CopyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp", _superCommandName: SluiceCommand.name,
        abstract: "Copy an object, sealed anew under the current key.",
        usage: "sluice cp <name> <new-name> [--at <time>] [<options>]",
        discussion: """
            An object that has the new name is replaced; --lease is about that one. To copy between the store and files, \
            use `put` and `get`.

            EXAMPLES:
              sluice cp report.pdf 2026/report.pdf
              sluice cp report.pdf report.pdf      seal it anew, under the current key
              sluice cp report.pdf report.pdf --at <time>
                                                   make it what it was
            """)

    @Argument(help: "The object's name.")
    var name: String

    @Argument(help: "The name of the copy.")
    var newName: String

    @Option(
        help: ArgumentHelp("The scope that is to have the copy.", valueName: "scope"),
        transform: ScopeName.parse)
    var toScope: ScopeName?

    @Option(
        help: ArgumentHelp("Seal for this scope: another has the name.", valueName: "scope"),
        transform: ScopeName.parse)
    var encryptionScope: ScopeName?

    @OptionGroup var providedKey: ProvidedKeyOption
    @OptionGroup var version: VersionOption
    @OptionGroup var lease: LeaseOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let key = try providedKey.key()
        let (own, newName) = (try ObjectName(name), try PathName.object(newName))
        let info = try global.session.write { store, _ in
            let name = try version.name(own, in: store, global.scopeName)
            return try global.tellingTrees(of: name, in: store) {
                try store.copy(
                    name, to: newName, in: global.scopeName, toScope: toScope,
                    encryptionScope: encryptionScope, sourceKey: key, providedKey: key,
                    if: lease.condition)
            }
        }
        let output = global.output
        let names = "\(output.shown(own.description)) to \(output.shown(newName.description))"
        try output.print(ObjectDocument(info), text: "copied \(names)\n")
    }
}
