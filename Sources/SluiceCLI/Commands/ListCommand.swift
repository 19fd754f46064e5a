internal import ArgumentParser
internal import Sluice

/// `sluice ls`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List objects and directories.",
        usage: "sluice ls [<prefix>] [-l] [-r] [<options>]",
        discussion: """
            Lists names that begin with the prefix, in the order of their bytes, up to the next \
            slash. Ends in silence if there are none.

            EXAMPLES:
              sluice ls                  the top: objects, and directories with a / at their end
              sluice ls -l src/          what is in src/, with size and time (UTC)
              sluice ls -r src/          everything below src/
            """)

    @Argument(help: "What the names begin with; end it with / for what is in a directory.")
    var prefix: String = ""

    @Flag(name: [.customShort("l"), .long], help: "Print size and time, too.")
    var long = false

    @Flag(name: [.customShort("r"), .long], help: "Descend into directories.")
    var recursive = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.session.read { store in
            var options = ListOptions()
            options.prefix = prefix
            options.isRecursive = recursive
            options.limit = Self.pageCount
            var isFirst = true
            repeat {
                let page = try store.list(options, in: global.scopeName)
                try global.output.write(
                    global.isJSON ? json(page, isFirst: isFirst) : text(page.entries))
                isFirst = false
                options.after = page.next
            } while options.after != nil
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

    /// A piece of one array that stretches over the pages, an entry a line.
    private func json(_ page: ListPage, isFirst: Bool) -> String {
        let lines = page.entries.map { JSONText.compact(EntryDocument(entry: $0)) }
        let separator = isFirst || lines.isEmpty ? "" : ",\n"
        return (isFirst ? "[\n" : "") + separator + lines.joined(separator: ",\n")
            + (page.next == nil ? "\n]\n" : "")
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
