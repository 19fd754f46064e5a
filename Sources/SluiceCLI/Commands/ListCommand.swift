internal import ArgumentParser
internal import Sluice

/// `sluice ls`.
struct ListCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", _superCommandName: SluiceCommand.name,
        abstract: "List objects and directories.",
        usage: """
            sluice ls [<prefix>] [-l] [-r] [<options>]
            sluice ls --ids [-l] [<options>]
            """,
        discussion: """
            Lists names that begin with the prefix, in the order of their bytes, up to the next \
            slash. Ends in silence if there are none. Control characters in names are shown as \
            \\n or \\u{1B}; --json has names as they are.

            EXAMPLES:
              sluice ls                  the top: objects, and directories with a / at their end
              sluice ls -l src/          what is in src/, with size and time (UTC)
              sluice ls -r src/          everything below src/
              sluice ls --ids            ids in place of names, which are sealed: needs no key
            """)

    @Argument(help: "What the names begin with; end it with / for what is in a directory.")
    var prefix: String = ""

    @Flag(name: [.customShort("l"), .long], help: "Print size and time, too.")
    var long = false

    @Flag(name: [.customShort("r"), .long], help: "Descend into directories.")
    var recursive = false

    @Flag(help: "List the objects' ids, which works while access to the key is revoked.")
    var ids = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !ids || (prefix.isEmpty && !recursive) else {
            throw ValidationError("--ids lists all objects of the scope: it knows no names")
        }
    }

    func run() throws {
        try ids ? listIDs() : listNames()
    }

    private func listNames() throws {
        try global.session.read { store in
            var options = ListOptions()
            options.prefix = prefix
            options.isRecursive = recursive
            options.limit = Self.pageCount
            let listing = try store.listing(options, in: global.scopeName)
            var isFirst = true
            while let page = try listing.nextPage() {
                let text = global.isJSON ? json(page, isFirst: isFirst) : text(page.entries)
                try global.output.write(
                    text, namesOf: page.entries.isEmpty ? [] : [global.scopeName], in: store)
                isFirst = false
            }
        }
    }

    /// Entries of a page: as many as are printed at once.
    private static let pageCount = 1000
}

extension ListCommand {
    private struct EntryDocument: Encodable {
        let entry: ListEntry

        private enum CodingKeys: CodingKey {
            case directory
        }

        func encode(to encoder: any Encoder) throws {
            switch entry {
            case .object(let info):
                try ObjectDocument(info).encode(to: encoder)
            case .directory(let path):
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(path.description, forKey: .directory)
            }
        }
    }

    private func json(_ page: ListPage, isFirst: Bool) -> String {
        jsonLines(
            page.entries.map { JSONText.compact(EntryDocument(entry: $0)) }, isFirst: isFirst,
            isLast: page.next == nil)
    }

    /// A piece of one array that stretches over the pages, an entry a line.
    func jsonLines(_ lines: [String], isFirst: Bool, isLast: Bool) -> String {
        let separator = isFirst || lines.isEmpty ? "" : ",\n"
        return (isFirst ? "[\n" : "") + separator + lines.joined(separator: ",\n")
            + (isLast ? "\n]\n" : "")
    }

    private func text(_ entries: [ListEntry]) -> String {
        let output = global.output
        guard long else {
            return entries.map { output.shown($0.name.description) + "\n" }.joined()
        }
        var table = Table(.right, .left, .left)
        for entry in entries {
            let name = output.shown(entry.name.description)
            switch entry {
            case .object(let info):
                let modified = Timestamp(milliseconds: info.modifiedMilliseconds).inTable
                table.append([Quantity.bytes(info.byteCount), modified, name])
            case .directory:
                table.append(["-", "-", name])
            }
        }
        return table.text
    }
}
