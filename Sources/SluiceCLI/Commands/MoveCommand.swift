internal import ArgumentParser
internal import Sluice

/// `sluice mv`.
struct MoveCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", _superCommandName: SluiceCommand.name,
        abstract: "Rename an object, in constant time.",
        usage: "sluice mv <name> <new-name> [<options>]",
        discussion: """
            An object that has the new name is replaced; --lease is about that one. One that is \
            leased itself is not renamed. The bytes stay as they are.

            EXAMPLE:
              sluice mv report.pdf 2026/report.pdf
            """)

    @Argument(help: "The object's name.")
    var name: String

    @Argument(help: "Its new name.")
    var newName: String

    @OptionGroup var lease: LeaseOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let (name, newName) = (try ObjectName(name), try PathName.object(newName))
        let info = try global.session.write { store, _ in
            try global.tellingTrees(of: name, in: store) {
                try store.rename(name, to: newName, in: global.scopeName, if: lease.condition)
            }
        }
        let output = global.output
        let names = "\(output.shown(name.description)) to \(output.shown(newName.description))"
        try output.print(ObjectDocument(info), text: "renamed \(names)\n")
    }
}
