public import SluiceREST

/// Vaults that were deleted and can be recovered, until they are purged. For any thread.
public struct DeletedVaults: Sendable {
    private let documents: Documents
    private let rules: VaultRules

    init(_ documents: Documents, _ rules: VaultRules) {
        self.documents = documents
        self.rules = rules
    }

    /// Those of a subscription.
    public func list(subscription: String) throws(ControlError) -> [JSON] {
        try documents.documents(under: "deleted/vaults/").map(\.document)
            .filter { Self.id($0).subscription?.equalsIgnoringCase(subscription) == true }
            .map(Self.shown)
    }

    /// One of them.
    ///
    /// - Throws: `DeletedVaultNotFound`.
    public func get(_ name: String, subscription: String) throws(ControlError) -> JSON {
        Self.shown(try document(name, subscription: subscription))
    }

    /// Removes one for good, and frees its name.
    ///
    /// - Throws: `DeletedVaultNotFound`; `MethodNotAllowed` if it is protected, and before its date.
    public func purge(_ name: String, subscription: String) throws(ControlError) {
        _ = try document(name, subscription: subscription)
        var confirmations = Confirmations()
        try rules.vaults.purge(name.lowercased(), &confirmations)
        try documents.remove(VaultRules.deletedPlace(name))
        try rules.names.release(name, kind: VaultRules.nameKind)
        try confirmations.require()
    }

    private func document(_ name: String, subscription: String) throws(ControlError) -> JSON {
        if let found = try documents.document(VaultRules.deletedPlace(name)),
            Self.id(found).subscription?.equalsIgnoringCase(subscription) == true
        {
            return found
        }
        throw ControlError(
            .notFound, "DeletedVaultNotFound", "The deleted vault '\(name)' could not be found.")
    }

    private static func id(_ document: JSON) -> ResourceID {
        let text = document["properties"]?["vaultId"]?.string ?? ""
        return ResourceID(text.split(separator: "/").map(String.init))
    }

    private static func shown(_ document: JSON) -> JSON {
        let id = id(document)
        let location = document["properties"]?["location"]?.string ?? ""
        return [
            "id": .string(
                "/subscriptions/\(id.subscription ?? "")/providers/Microsoft.KeyVault/locations/\(location)/deletedVaults/\(id.name)"
            ),
            "name": .string(id.name), "type": "Microsoft.KeyVault/deletedVaults",
            "properties": document["properties"] ?? .null,
        ]
    }
}
