public import SluiceREST

/// What a role allows: actions on resources, and actions on the data in them.
public struct RoleDefinition: Hashable, Sendable {
    /// The GUID that it is known by everywhere.
    public let id: String
    /// Its name, as in `Key Vault Crypto User`.
    public let name: String
    /// With resources; a star stands for any text.
    public let actions: [String]
    /// Of those, what isn't allowed.
    public let notActions: [String]
    /// With data.
    public let dataActions: [String]
    /// Of those, what isn't allowed.
    public let notDataActions: [String]
    /// Whether the service has it; else somebody made it.
    public let isBuiltIn: Bool

    init(
        _ id: String, _ name: String, _ actions: [String] = [], not notActions: [String] = [],
        data dataActions: [String] = [], notData notDataActions: [String] = [],
        isBuiltIn: Bool = true
    ) {
        self.id = id
        self.name = name
        self.actions = actions
        self.notActions = notActions
        self.dataActions = dataActions
        self.notDataActions = notDataActions
        self.isBuiltIn = isBuiltIn
    }

    /// Whether an action is allowed.
    public func allows(_ action: String, onData: Bool) -> Bool {
        let allowed = onData ? dataActions : actions
        let refused = onData ? notDataActions : notActions
        return allowed.contains { Self.matches($0, action) }
            && !refused.contains { Self.matches($0, action) }
    }

    /// Whether a pattern with stars is of a text, whatever the case.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.lowercased().split(separator: "*", omittingEmptySubsequences: false)
        var rest = text.lowercased()[...]
        guard let first = parts.first, rest.hasPrefix(first) else { return false }
        guard parts.count > 1, let last = parts.last else { return rest == first }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    /// As the resource interface shows it.
    public func document(scope: String) -> JSON {
        let strings = { (texts: [String]) in JSON.array(texts.map(JSON.string)) }
        return [
            "id": .string(
                "\(scope == "/" ? "" : scope)/providers/Microsoft.Authorization/roleDefinitions/\(id)"
            ),
            "name": .string(id), "type": "Microsoft.Authorization/roleDefinitions",
            "properties": [
                "roleName": .string(name),
                "type": .string(isBuiltIn ? "BuiltInRole" : "CustomRole"),
                "description": .string(name),
                "assignableScopes": [.string(isBuiltIn ? "/" : scope)],
                "permissions": [
                    [
                        "actions": strings(actions), "notActions": strings(notActions),
                        "dataActions": strings(dataActions),
                        "notDataActions": strings(notDataActions),
                    ]
                ],
            ],
        ]
    }
}

extension RoleDefinition {
    /// A role that somebody made, of its document.
    init?(custom document: JSON) {
        guard let id = document["name"]?.string, let properties = document["properties"] else {
            return nil
        }
        let permission = properties["permissions"]?.array?.first ?? .null
        let strings = { (name: String) in permission[name]?.array?.compactMap(\.string) ?? [] }
        self.init(
            id, properties["roleName"]?.string ?? id, strings("actions"),
            not: strings("notActions"),
            data: strings("dataActions"), notData: strings("notDataActions"), isBuiltIn: false)
    }

    private static let vaults = "Microsoft.KeyVault/vaults"
    private static let blobs = "Microsoft.Storage/storageAccounts/blobServices"
    private static let cognitive = "Microsoft.CognitiveServices"

    /// Those of the service that matter here.
    public static let builtIn: [RoleDefinition] = [
        RoleDefinition("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"]),
        RoleDefinition(
            "b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ["*"],
            not: [
                "Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
            ]),
        RoleDefinition("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ["*/read"]),
        RoleDefinition(
            "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator",
            ["*/read", "Microsoft.Authorization/*"]),
        RoleDefinition(
            "f353d9bd-d4a6-484e-a77a-8050b599b867", "Key Vault Contributor",
            ["Microsoft.Authorization/*/read", "Microsoft.KeyVault/*"],
            not: ["Microsoft.KeyVault/locations/deletedVaults/purge/action"]),
        RoleDefinition(
            "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator",
            ["Microsoft.Authorization/*/read", "\(vaults)/read"], data: ["\(vaults)/*"]),
        RoleDefinition(
            "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "Key Vault Crypto Officer",
            ["Microsoft.Authorization/*/read", "\(vaults)/read"],
            data: ["\(vaults)/keys/*", "\(vaults)/keyrotationpolicies/*"]),
        RoleDefinition(
            "12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User",
            data: [
                "\(vaults)/keys/read", "\(vaults)/keys/update/action",
                "\(vaults)/keys/backup/action",
                "\(vaults)/keys/encrypt/action", "\(vaults)/keys/decrypt/action",
                "\(vaults)/keys/wrap/action", "\(vaults)/keys/unwrap/action",
                "\(vaults)/keys/sign/action", "\(vaults)/keys/verify/action",
            ]),
        RoleDefinition(
            "e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User",
            data: [
                "\(vaults)/keys/read", "\(vaults)/keys/wrap/action", "\(vaults)/keys/unwrap/action",
            ]),
        RoleDefinition(
            "21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader",
            ["Microsoft.Authorization/*/read", "\(vaults)/read", "\(vaults)/*/read"],
            data: ["\(vaults)/*/read", "\(vaults)/secrets/readMetadata/action"]),
        RoleDefinition(
            "a68e7c17-0ab2-4c09-9a58-125dae29748c", "Key Vault Purge Operator",
            [
                "Microsoft.KeyVault/locations/deletedVaults/purge/action",
                "Microsoft.KeyVault/locations/deletedVaults/read",
                "Microsoft.KeyVault/deletedVaults/read",
            ]),
        RoleDefinition(
            "17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor",
            ["Microsoft.Authorization/*/read", "Microsoft.Storage/storageAccounts/*"]),
        RoleDefinition(
            "81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role",
            [
                "Microsoft.Storage/storageAccounts/listkeys/action",
                "Microsoft.Storage/storageAccounts/regeneratekey/action",
            ]),
        RoleDefinition(
            "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner",
            ["\(blobs)/containers/*", "\(blobs)/generateUserDelegationKey/action"],
            data: ["\(blobs)/containers/blobs/*"]),
        RoleDefinition(
            "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor",
            [
                "\(blobs)/containers/delete", "\(blobs)/containers/read",
                "\(blobs)/containers/write", "\(blobs)/generateUserDelegationKey/action",
            ],
            data: [
                "\(blobs)/containers/blobs/delete", "\(blobs)/containers/blobs/read",
                "\(blobs)/containers/blobs/write", "\(blobs)/containers/blobs/move/action",
                "\(blobs)/containers/blobs/add/action",
            ]),
        RoleDefinition(
            "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader",
            ["\(blobs)/containers/read", "\(blobs)/generateUserDelegationKey/action"],
            data: ["\(blobs)/containers/blobs/read"]),
        RoleDefinition(
            "db58b8e5-c6ad-4a2a-8342-4190687cbf4a", "Storage Blob Delegator",
            ["\(blobs)/generateUserDelegationKey/action"]),
        RoleDefinition(
            "f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator",
            [
                "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
                "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            ]),
        RoleDefinition(
            "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68", "Cognitive Services Contributor",
            ["\(cognitive)/*", "Microsoft.Authorization/*/read"]),
        RoleDefinition(
            "a97b65f3-24c7-4388-baec-2e87135dc908", "Cognitive Services User",
            ["\(cognitive)/*/read", "\(cognitive)/accounts/listkeys/action"],
            data: ["\(cognitive)/*"]),
        RoleDefinition(
            "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "Cognitive Services OpenAI User",
            ["\(cognitive)/*/read"], data: ["\(cognitive)/accounts/OpenAI/*"]),
        RoleDefinition(
            "a001fd3d-188f-4b5d-821b-7da978bf7442", "Cognitive Services OpenAI Contributor",
            ["\(cognitive)/*/read", "\(cognitive)/accounts/deployments/*"],
            data: ["\(cognitive)/accounts/OpenAI/*"]),
    ]
}
