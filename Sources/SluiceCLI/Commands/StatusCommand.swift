internal import ArgumentParser
internal import Sluice

/// `sluice status`.
struct StatusCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", _superCommandName: SluiceCommand.name,
        abstract: "Show the store: its scopes, key versions, and what is under them.",
        usage: "sluice status [<options>]",
        discussion: """
            For each scope the version in use comes first, then the key's other versions: how many \
            objects need each, whether those can be read, and whether new ones can be put; then \
            why not, and what to do. Needs no key, so it works while access is revoked.
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let location = try global.location()
        let advice = Advice(global)
        let document = try global.session.read { store in
            let status = try store.status()
            let scopes = status.scopes.map { ScopeStatus($0, of: store) }
            return (
                document: Document(
                    status, scopes, store.identity,
                    isEnabled: try? store.vaults.isEnabled(store.identity), location, advice),
                scopes: scopes
            )
        }
        try global.output.print(
            document.document,
            text: Self.text(document.document) + "\n" + ScopeStatus.text(document.scopes, advice))
    }
}

extension StatusCommand {
    private struct Document: Encodable {
        let store: String
        let vaults: String
        let storeID: String
        let formatVersion: Int
        let identity: String
        /// Nil if the vaults can't be asked.
        let isIdentityEnabled: Bool?
        let garbageCount: Int
        let pinCount: Int
        /// Nil if repairs have taken nothing out.
        let lostAndFound: LostAndFoundDocument?
        let scopes: [ScopeStatus.Document]

        init(
            _ status: StoreStatus, _ scopes: [ScopeStatus], _ identity: Identity,
            isEnabled: Bool?, _ location: StoreLocation, _ advice: Advice
        ) {
            store = location.store
            vaults = location.vaults
            storeID = status.storeID
            formatVersion = status.formatVersion
            self.identity = identity.objectID
            isIdentityEnabled = isEnabled
            garbageCount = status.garbageCount
            pinCount = status.pinCount
            lostAndFound = status.lostAndFound.map(LostAndFoundDocument.init)
            self.scopes = scopes.map { $0.document(advice) }
        }
    }

    private static func text(_ document: Document) -> String {
        var fields = Table(.left, .left)
        fields.append(["store", document.store])
        fields.append(["vaults", document.vaults])
        fields.append(["id", "\(document.storeID), format \(document.formatVersion)"])
        let isSwitchedOff = document.isIdentityEnabled == false
        fields.append(["identity", document.identity + (isSwitchedOff ? ", switched off" : "")])
        fields.append(["pins", "\(document.pinCount)"])
        if document.garbageCount > 0 {
            fields.append(["waiting", "\(Quantity.count(document.garbageCount, "blob")) to unlink"])
        }
        if let lost = document.lostAndFound { fields.append(["lost+found", lost.text]) }
        return fields.text
    }
}
