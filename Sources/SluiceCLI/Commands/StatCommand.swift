internal import ArgumentParser
internal import Sluice

/// `sluice stat`.
struct StatCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat", _superCommandName: SluiceCommand.name,
        abstract: "Show what is known of an object.",
        usage: "sluice stat <name> [<options>]",
        discussion: """
            EXAMPLE:
              sluice stat report.pdf --json
            """)

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let name = try ObjectName(name)
        try global.session.read { store in
            let info = try global.tellingTrees(of: name, in: store) {
                try store.info(name, in: global.scopeName)
            }
            try global.output.print(
                ObjectDocument(info), text: text(info), namesOf: [global.scopeName], in: store)
        }
    }

    private func text(_ info: ObjectInfo) -> String {
        let output = global.output
        let modified = Timestamp(milliseconds: info.modifiedMilliseconds).inTable
        let compression = info.isCompressed ? ", LZ4" : ""
        var fields = Table(.left, .left)
        fields.append(["name", output.shown(info.name.description)])
        fields.append(["size", Self.size(info.byteCount)])
        fields.append(["stored", Self.size(info.storedByteCount)])
        fields.append(["chunks", Quantity.bytes(info.chunkByteCount) + compression])
        fields.append(["modified", "\(modified) UTC"])
        fields.append(["tag", info.entityTag.description])
        fields.append(["key", info.keyIdentifier.description])
        if !info.contentType.isEmpty { fields.append(["type", output.shown(info.contentType)]) }
        for (key, value) in info.metadata.sorted(by: { $0.key < $1.key }) {
            fields.append(["meta", output.shown("\(key)=\(value)")])
        }
        return fields.text
    }

    private static func size(_ byteCount: Int) -> String {
        byteCount < 1024
            ? Quantity.count(byteCount, "byte")
            : "\(Quantity.count(byteCount, "byte")) (\(Quantity.bytes(byteCount)))"
    }
}
