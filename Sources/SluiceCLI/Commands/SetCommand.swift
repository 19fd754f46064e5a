internal import ArgumentParser
internal import Sluice

/// `sluice set`.
struct SetCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", _superCommandName: SluiceCommand.name,
        abstract: "Change what is said of an object: type, tags, metadata.",
        usage: "sluice set <name> [--meta <key=value>] [--content-type <type>] [...]",
        discussion: """
            What isn't named stays as it is, and so do the bytes. An empty text says nothing any \
            more. The object has another entity tag then, unless only its tier or its tags differ.

            EXAMPLES:
              sluice set report.pdf --content-type application/pdf --meta owner=ann
              sluice set report.pdf --no-meta owner --cache-control ""
            """)

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup(title: "What is said of it") var attributes: AttributeOptions

    @Option(
        name: .customLong("no-tag"),
        help: ArgumentHelp("Drop a tag; may be repeated.", valueName: "key"))
    var droppedTags: [String] = []

    @Option(
        name: .customLong("no-meta"),
        help: ArgumentHelp("Drop metadata; may be repeated.", valueName: "key"))
    var droppedMetadata: [String] = []

    @OptionGroup var match: MatchOption
    @OptionGroup var lease: LeaseOption
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !attributes.isEmpty || !droppedTags.isEmpty || !droppedMetadata.isEmpty else {
            throw ValidationError("say what to change, as with --content-type or --meta")
        }
        let both =
            droppedTags.first { key in attributes.tags.contains { $0.key == key } }
            ?? droppedMetadata.first { key in attributes.metadata.contains { $0.key == key } }
        if let both {
            throw ValidationError("'\(both)' is to be set and to be dropped: choose one")
        }
    }

    func run() throws {
        let name = try ObjectName(name)
        let condition = match.condition.and(lease.condition)
        let info = try global.session.write { store, _ in
            try global.tellingTrees(of: name, in: store) {
                try store.update(name, in: global.scopeName, if: condition) { changed in
                    // Checked when the arguments were.
                    try? attributes.change(&changed)
                    for key in droppedTags { changed.properties.tags[key] = nil }
                    for key in droppedMetadata { changed.metadata[key] = nil }
                }
            }
        }
        let output = global.output
        try output.print(
            ObjectDocument(info), text: "changed \(output.shown(name.description))\n")
    }
}
