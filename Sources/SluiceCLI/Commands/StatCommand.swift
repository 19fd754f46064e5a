internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice stat`.
struct StatCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat", _superCommandName: SluiceCommand.name,
        abstract: "Show what is known of an object.",
        usage: "sluice stat <name> [--at <time>] [<options>]",
        discussion: """
            EXAMPLE:
              sluice stat report.pdf --json
            """)

    @Argument(help: "The object's name.")
    var name: String

    @OptionGroup var version: VersionOption
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let own = try ObjectName(name)
        try global.session.read { store in
            let name = try version.name(own, in: store, global.scopeName)
            let info = try global.tellingTrees(of: name, in: store) {
                try store.info(name, in: global.scopeName)
            }
            try global.output.print(
                ObjectDocument(info), text: text(info),
                namesOf: [global.scopeName] + (info.encryptionScope.map { [$0] } ?? []), in: store)
        }
    }

    private func text(_ info: ObjectInfo) -> String {
        let output = global.output
        let created = Timestamp(milliseconds: info.createdMilliseconds).inTable
        let modified = Timestamp(milliseconds: info.modifiedMilliseconds).inTable
        let compression = info.isCompressed ? ", LZ4" : ""
        var fields = Table(.left, .left)
        fields.append(["name", output.shown(info.name.description)])
        fields.append(["size", Self.size(info.byteCount)])
        fields.append(["stored", Self.size(info.storedByteCount)])
        fields.append(["chunks", Quantity.bytes(info.chunkByteCount) + compression])
        fields.append(["put", "\(created) UTC"])
        if modified != created { fields.append(["modified", "\(modified) UTC"]) }
        fields.append(["entity tag", info.entityTag.description])
        fields.append(["id", info.id.description])
        fields.append(["key", info.keyIdentifier.description])
        if let scope = info.encryptionScope {
            fields.append(["sealed for", output.shown(scope.description)])
        }
        for (label, text) in Self.texts(info.properties) where !text.isEmpty {
            fields.append([label, output.shown(text)])
        }
        for (key, value) in info.properties.tags.sorted(by: { $0.key < $1.key }) {
            fields.append(["tag", output.shown("\(key)=\(value)")])
        }
        for (key, value) in info.metadata.sorted(by: { $0.key < $1.key }) {
            fields.append(["meta", output.shown("\(key)=\(value)")])
        }
        return fields.text
    }

    private static func texts(_ properties: ObjectProperties) -> [(String, String)] {
        [
            ("type", properties.contentType), ("encoding", properties.contentEncoding),
            ("language", properties.contentLanguage),
            ("disposition", properties.contentDisposition),
            ("caches", properties.cacheControl), ("tier", properties.tier?.rawValue ?? ""),
            ("md5", properties.contentMD5.map { String(hexadecimal: $0) } ?? ""),
        ]
    }

    private static func size(_ byteCount: Int) -> String {
        byteCount < 1024
            ? Quantity.count(byteCount, "byte")
            : "\(Quantity.count(byteCount, "byte")) (\(Quantity.bytes(byteCount)))"
    }
}
