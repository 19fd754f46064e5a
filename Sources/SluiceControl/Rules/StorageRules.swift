internal import SluiceNative
internal import SluiceREST

/// Storage accounts: names, defaults, keys, and the block `encryption`.
struct StorageRules: ResourceRules {
    static let nameKind = "storage"

    let type = "Microsoft.Storage/storageAccounts"
    let names: GlobalNames
    let keys: AccountKeys
    let keySetting: AccountKeySetting

    func check(_ change: ResourceChange) throws(ControlError) {
        let name = change.id.name
        guard Self.isName(name) else {
            throw ControlError(
                .badRequest, "AccountNameInvalid",
                "\(name.prefix(80)) is not a valid storage account name. Storage account name must be between 3 and 24 "
                    + "characters in length and use numbers and lower-case letters only.")
        }
        guard try names.claim(name, kind: Self.nameKind, for: change.id) else {
            throw ControlError(
                .conflict, "StorageAccountAlreadyTaken",
                "The storage account named \(name) is already taken. Choose another name.")
        }
    }

    static func isName(_ name: String) -> Bool {
        (3...24).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }

    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON {
        var new = new
        let name = change.id.name
        let now = JSON.string(Timestamp.text(milliseconds: WallClock.nowMilliseconds))
        var sku = new["sku"] ?? old?["sku"] ?? ["name": "Standard_LRS"]
        sku["tier"] = .string(
            sku["name"]?.string?.lowercased().hasPrefix("premium") == true ? "Premium" : "Standard")
        new["sku"] = sku
        new["kind"] = new.present("kind") ?? old?["kind"] ?? "StorageV2"
        var properties = new["properties"] ?? .object(JSONObject())
        let known = old?["properties"]
        let endpoints = JSON.object(Self.endpoints(name))
        let defaults: [(String, JSON)] = [
            ("accessTier", "Hot"), ("allowBlobPublicAccess", false),
            ("minimumTlsVersion", "TLS1_2"),
            ("supportsHttpsTrafficOnly", true), ("allowSharedKeyAccess", true),
            ("publicNetworkAccess", "Enabled"),
            (
                "networkAcls",
                [
                    "bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [],
                    "defaultAction": "Allow",
                ]
            ),
        ]
        for (name, value) in defaults where properties.present(name) == nil {
            properties[name] = known?[name] ?? value
        }
        properties["encryption"] = Self.encryption(
            properties["encryption"], old: known?["encryption"], now)
        properties["creationTime"] = known?["creationTime"] ?? now
        properties["keyCreationTime"] = known?["keyCreationTime"] ?? ["key1": now, "key2": now]
        properties["primaryEndpoints"] = endpoints
        properties["primaryLocation"] = new["location"]
        properties["statusOfPrimary"] = "available"
        new["properties"] = properties
        // Before anything is changed: a key that can't be used is refused, and the account stays as it is.
        try keySetting.apply(new, account: name)
        return new
    }

    private static func endpoints(_ name: String) -> JSONObject {
        var endpoints = JSONObject()
        for service in ["blob", "dfs"] {
            endpoints[service] = .string("https://\(name).\(service).core.windows.net/")
        }
        return endpoints
    }

    /// The block as it is kept: clients send its names in either case, and read them in lower case.
    static func encryption(_ sent: JSON?, old: JSON?, _ now: JSON) -> JSON {
        let sent = sent ?? old ?? .null
        var services = JSON.object(JSONObject())
        for service in ["blob", "file"] {
            services[service] =
                old?["services"]?[service] ?? [
                    "enabled": true, "keyType": "Account", "lastEnabledTime": now,
                ]
        }
        var encryption: JSON = [
            "services": services,
            "keySource": sent["keySource"]?.string.map(keySource) ?? "Microsoft.Storage",
        ]
        if let key = sent.present("keyvaultproperties") {
            var kept = JSON.object(JSONObject())
            for member in key.object?.members ?? [] where member.value != .null {
                let name = member.name.lowercased()
                kept[name.hasPrefix("key") ? name : member.name] = member.value
            }
            encryption["keyvaultproperties"] = kept
        }
        if let identity = sent.present("identity") { encryption["identity"] = identity }
        if let required = sent.present("requireInfrastructureEncryption") {
            encryption["requireInfrastructureEncryption"] = required
        }
        return encryption
    }

    private static func keySource(_ text: String) -> JSON {
        .string(
            text.equalsIgnoringCase("Microsoft.Keyvault")
                ? "Microsoft.Keyvault" : "Microsoft.Storage")
    }

    func apply(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try keys.makeMissing(of: id)
    }

    func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try keys.remove(of: id)
        try keySetting.removeBlobs(account: id.name)
        try names.release(id.name, kind: Self.nameKind)
    }
}

/// Encryption scopes of storage accounts, which can be disabled and not deleted.
struct EncryptionScopeRules: ResourceRules {
    let type = "Microsoft.Storage/storageAccounts/encryptionScopes"
    let hasLocation = false
    let keySetting: AccountKeySetting

    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON {
        var new = new
        let now = JSON.string(Timestamp.text(milliseconds: WallClock.nowMilliseconds))
        var properties = new["properties"] ?? .object(JSONObject())
        let known = old?["properties"]
        properties["source"] =
            properties.present("source") ?? known?["source"] ?? "Microsoft.Storage"
        properties["state"] = properties.present("state") ?? known?["state"] ?? "Enabled"
        properties["creationTime"] = known?["creationTime"] ?? now
        properties["lastModifiedTime"] = now
        if properties["source"]?.string?.equalsIgnoringCase("Microsoft.KeyVault") == true,
            properties["keyVaultProperties"]?.present("keyUri") == nil
        {
            throw ControlError(
                .badRequest, "EncryptionScopeKeyVaultPropertiesNotSpecified",
                "An encryption scope with the source Microsoft.KeyVault needs keyVaultProperties.keyUri."
            )
        }
        new["properties"] = properties
        try keySetting.apply(new, encryptionScope: change.id)
        return new
    }
}
