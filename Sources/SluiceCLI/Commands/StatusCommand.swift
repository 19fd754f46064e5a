internal import ArgumentParser
internal import Sluice

/// `sluice status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the store: its scopes, keys, and what is under them.",
        usage: "sluice status [<options>]")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let location = global.location
        let status = try global.session.read { try $0.status() }
        try global.output.print(
            Document(status, location), text: Self.text(status, location))
    }
}

extension StatusCommand {
    private struct Document: Encodable {
        let store: String
        let vaults: String
        let storeID: String
        let formatVersion: Int
        let garbageCount: Int
        let scopes: [ScopeDocument]

        init(_ status: StoreStatus, _ location: StoreLocation) {
            store = location.store
            vaults = location.vaults
            storeID = status.storeID
            formatVersion = status.formatVersion
            garbageCount = status.garbageCount
            scopes = status.scopes.map { ScopeDocument($0) }
        }
    }

    private static func text(_ status: StoreStatus, _ location: StoreLocation) -> String {
        var fields = Table(.left, .left)
        fields.append(["store", location.store])
        fields.append(["vaults", location.vaults])
        fields.append(["id", "\(status.storeID), format \(status.formatVersion)"])
        if status.garbageCount > 0 {
            fields.append(["waiting", "\(Quantity.count(status.garbageCount, "blob")) to unlink"])
        }
        return fields.text + "\n" + ScopeCommand.table(status.scopes)
    }
}
