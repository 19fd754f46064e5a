internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceREST

/// Key vaults: their defaults, policies, and what becomes of one that is deleted.
struct VaultRules: ResourceRules {
    static let nameKind = "vault"
    /// From this version on, a vault is in role mode if nothing is said.
    private static let roleModeVersion = "2026-02-01"

    static let resourceType = "Microsoft.KeyVault/vaults"

    let type = Self.resourceType
    let documents: Documents
    let names: GlobalNames
    let vaults: EmbeddedVaults
    let access: VaultAccess

    static func deletedPlace(_ name: String) -> String { "deleted/vaults/\(name.lowercased())" }

    func check(_ change: ResourceChange) throws(ControlError) {
        let name = change.id.name
        guard Self.isName(name) else {
            throw ControlError(
                .badRequest, "VaultNameNotValid",
                "The vault name '\(name.prefix(80))' is invalid. A vault's name must be between 3-24 alphanumeric "
                    + "characters. The name must begin with a letter, end with a letter or digit, and not contain "
                    + "consecutive hyphens.")
        }
        let properties = change.body["properties"] ?? .null
        _ = try VaultAccess.table(ofPolicies: properties)
        if properties["enablePurgeProtection"]?.bool == false {
            throw ControlError(
                .badRequest, "BadRequest",
                "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a "
                    + "vault is an irreversible action.")
        }
        if try documents.document(Self.deletedPlace(name)) != nil {
            guard properties["createMode"]?.string?.lowercased() == "recover" else {
                throw ControlError(
                    .conflict, "ConflictError",
                    "A vault with the same name already exists in deleted state. You need to either recover or purge "
                        + "existing key vault.")
            }
            return try recover(name, change.id)
        }
        // One that was made without the service is its owner's.
        let isNew = try documents.document(Resources.place(change.id)) == nil
        let isForeign =
            isNew ? try vaults.isThere(name.lowercased(), evenIfDeleted: true) : false
        guard !VaultDirectory.isReserved(name.lowercased()), !isForeign,
            try names.claim(name, kind: Self.nameKind, for: change.id)
        else {
            throw ControlError(
                .conflict, "VaultAlreadyExists",
                "The vault name '\(name)' is already in use. Vault names are globally unique so it is possible that "
                    + "the name is already taken. Choose another.")
        }
    }

    /// 3 to 24 letters, digits and hyphens.
    static func isName(_ name: String) -> Bool {
        (try? KeyIdentifier.validated(vaultName: name)) != nil
    }

    /// Whether roles decide in a vault, and not its policies.
    static func isByRoles(_ properties: JSON) -> Bool {
        properties["enableRbacAuthorization"]?.bool == true
    }

    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON {
        var new = new
        var properties = new["properties"] ?? .object(JSONObject())
        let known = old?["properties"]
        let defaults: [(String, JSON)] = [
            ("sku", ["family": "A", "name": "standard"]), ("tenantId", .string(change.tenantID)),
            ("accessPolicies", []), ("enabledForDeployment", false),
            ("enableSoftDelete", true), ("softDeleteRetentionInDays", 90),
            (
                "enableRbacAuthorization",
                .bool(change.apiVersion.prefix(10) >= Self.roleModeVersion)
            ),
            ("publicNetworkAccess", "Enabled"),
        ]
        for (name, value) in defaults where properties.present(name) == nil {
            properties[name] = known?[name] ?? value
        }
        // Once on, it stays on.
        if known?["enablePurgeProtection"]?.bool == true {
            properties["enablePurgeProtection"] = true
        }
        guard (7...90).contains(properties["softDeleteRetentionInDays"]?.integer ?? 0) else {
            throw ControlError(
                .badRequest, "BadRequest",
                "The property \"softDeleteRetentionInDays\" must be between 7 and 90.")
        }
        properties["createMode"] = nil
        properties["vaultUri"] = .string("https://\(change.id.name.lowercased()).vault.azure.net/")
        new["properties"] = properties
        return new
    }

    func apply(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try vaults.make(document, name: id.name.lowercased())
        try access.settle(at: id, &confirmations)
    }

    // MARK: Deleted vaults

    /// The vault stays, deleted, until it is purged; its name with it.
    func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        let day = 24 * 3600 * 1000
        let now = WallClock.nowMilliseconds
        let properties = document["properties"] ?? .null
        let purged = now + (properties["softDeleteRetentionInDays"]?.integer ?? 90) * day
        let deleted: JSON = [
            "vault": document,
            "properties": [
                "vaultId": .string("\(id)"), "location": document["location"] ?? .null,
                "tags": document["tags"] ?? .object(JSONObject()),
                "deletionDate": .string(Timestamp.text(milliseconds: now)),
                "scheduledPurgeDate": .string(Timestamp.text(milliseconds: purged)),
                "purgeProtectionEnabled": properties["enablePurgeProtection"] ?? false,
            ],
        ]
        try documents.put(deleted, as: Self.deletedPlace(id.name))
        try access.delete(document, id, &confirmations)
    }

    /// Brings a deleted vault back as it was; only where it was.
    private func recover(_ name: String, _ id: ResourceID) throws(ControlError) {
        guard let deleted = try documents.document(Self.deletedPlace(name)),
            let vault = deleted["vault"], vault["id"]?.string?.lowercased() == id.key
        else {
            throw ControlError(
                .notFound, "VaultNotFound",
                "There is no deleted vault '\(name)' of this group to recover.")
        }
        try vaults.recover(name.lowercased())
        try documents.put(vault, as: Resources.place(id))
        try documents.remove(Self.deletedPlace(name))
    }
}
