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
            let document = try global.tellingTrees(of: name, in: store) {
                Document(
                    info: try store.info(name, in: global.scopeName),
                    lease: try version.at == nil
                        ? store.leases.lease(of: name, in: global.scopeName) : nil,
                    hold: try store.leases.hold(on: name, in: global.scopeName))
            }
            try global.output.print(
                document, text: text(document),
                namesOf: [global.scopeName] + (document.info.encryptionScope.map { [$0] } ?? []),
                in: store)
        }
    }

    /// An object, and what keeps it from being changed.
    private struct Document: Encodable {
        let info: ObjectInfo
        let lease: LeaseDocument?
        let hold: HoldDocument

        init(info: ObjectInfo, lease: Lease?, hold: ObjectHold) {
            self.info = info
            self.lease = lease.map { LeaseDocument($0) }
            self.hold = HoldDocument(hold)
        }

        private enum CodingKeys: String, CodingKey { case lease, hold }

        func encode(to encoder: any Encoder) throws {
            try ObjectDocument(info).encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(lease, forKey: .lease)
            if hold.standing != nil { try container.encode(hold, forKey: .hold) }
        }
    }

    private func text(_ document: Document) -> String {
        let (output, info) = (global.output, document.info)
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
        if let digest = info.providedKeyDigest {
            fields.append(["needs", "the key with the SHA-256 \(String(hexadecimal: digest)), too"])
        }
        if let lease = document.lease {
            fields.append(["lease", "\(lease.id), \(lease.standing)"])
        }
        if let held = document.hold.standing { fields.append(["held", held]) }
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
